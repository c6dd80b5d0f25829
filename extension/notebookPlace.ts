import { workspace, type NotebookDocument } from 'vscode';
import { notebookFolder } from '../kernel/protocol.ts';

/** Where paths in an open notebook begin, or why they begin nowhere. */
export function folderOf({ uri }: NotebookDocument): ReturnType<typeof notebookFolder> {
  return notebookFolder({ scheme: uri.scheme, path: uri.fsPath, workspace: workspace.workspaceFolders?.find((folder) => folder.uri.scheme === 'file')?.uri.fsPath });
}
