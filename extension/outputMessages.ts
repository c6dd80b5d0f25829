import { commands, FileType, notebooks, Uri, window, workspace, type NotebookDocument } from 'vscode';
import type { FromOutput } from '../webview/protocol.ts';
import type { Disposable } from './disposable.ts';
import { openInDifFace } from './mediaEditor.ts';
import { isMedia } from './mediaKinds.ts';
import { folderOf } from './notebookPlace.ts';
import { pathFromStored } from './storedPaths.ts';

/** The name of our renderer; package.json names the same. */
const rendererId = 'difface.output';

/** Opens the files that outputs of notebooks link to. */
export function registerOutputMessages(): Disposable {
  return notebooks.createRendererMessaging(rendererId).onDidReceiveMessage(({ editor, message }) => {
    const asked = message as Partial<FromOutput> | null;                // whatever an output sends
    if (asked?.kind === 'open' && typeof asked.path === 'string') void openLinked(editor.notebook, asked.path);
  });
}

async function openLinked(notebook: NotebookDocument, path: string): Promise<void> {
  const place = folderOf(notebook);
  const file = 'folder' in place ? pathFromStored(place.folder, path) : undefined;
  const uri = file === undefined ? undefined : Uri.file(file);
  const type = uri && await workspace.fs.stat(uri).then((found) => found.type, () => undefined);
  if (!uri || type === undefined) {
    void window.showWarningMessage(`${path} is not there: it was made beside the notebook. Run the cell again to make it.`);
    return;
  }
  if ((type & FileType.Directory) !== 0) await commands.executeCommand('revealFileInOS', uri);
  else if (isMedia(uri.path)) await openInDifFace(uri);
  else await commands.executeCommand('vscode.open', uri);
}
