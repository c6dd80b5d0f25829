import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Connection, InitializeParams } from 'vscode-languageserver';
import { notebookFolder } from '../recipe/notebookFolder.ts';

/** Where the paths in a document begin; undefined where that is nowhere yet. */
export class Folders {
  /** URIs of the folders of the workspace, in its order. */
  private workspace: readonly string[] = [];

  initialize({ workspaceFolders }: Pick<InitializeParams, 'workspaceFolders'>): void {
    this.workspace = workspaceFolders?.map(({ uri }) => uri) ?? [];
  }

  /** @param changed the workspace has other folders now */
  listen(connection: Connection, changed: () => void): void {
    connection.workspace.onDidChangeWorkspaceFolders(({ added, removed }) => {
      this.workspace = [...this.workspace.filter((uri) => !removed.some((one) => one.uri === uri)), ...added.map(({ uri }) => uri)];
      changed();
    });
  }

  ofFile(uri: string): string | undefined {
    const path = pathOf(uri);
    return path === undefined ? undefined : dirname(path);
  }

  /** The same that its cells run in. */
  ofNotebook(uri: string): string | undefined {
    const [scheme, path] = [uri.slice(0, uri.indexOf(':')), pathOf(uri)];
    if (scheme === 'file' && path === undefined) return undefined;
    const place = notebookFolder({ scheme, path: path ?? '', workspace: this.workspace.map(pathOf).find((one) => one !== undefined) });
    return 'folder' in place ? place.folder : undefined;
  }
}

/** Undefined for what is no file, or none of this system. */
function pathOf(uri: string): string | undefined {
  try {
    return uri.startsWith('file:') ? fileURLToPath(uri) : undefined;
  } catch {
    return undefined;
  }
}
