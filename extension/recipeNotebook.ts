import { dirname } from 'node:path';
import { NotebookCellData, NotebookCellKind, NotebookData, NotebookEdit, NotebookRange, ViewColumn, window, workspace, WorkspaceEdit, type NotebookDocument, type NotebookEditor } from 'vscode';

const notebookType = 'jupyter-notebook';

/** What a notebook says of itself so that its cells are ours. */
const metadata = { kernelspec: { name: 'difface', display_name: 'DifFace', language: 'difface' }, language_info: { name: 'difface' } };

/** The notebook a person looks at, or one that is visible, or a new one. */
export async function notebookAtHand(): Promise<NotebookEditor> {
  const open = [window.activeNotebookEditor, ...window.visibleNotebookEditors].find((editor) => editor?.notebook.notebookType === notebookType);
  return open ?? newNotebook();
}

/** An empty notebook for recipes, shown. */
export async function newNotebook(): Promise<NotebookEditor> {
  const data = new NotebookData([]);
  data.metadata = { metadata };                                         // where the built-in serializer of notebooks looks for it
  return window.showNotebookDocument(await workspace.openNotebookDocument(notebookType, data));
}

/** What the paths in a notebook are relative to: its folder; of one that was never saved, the workspace. */
export function folderOf(notebook: NotebookDocument): string | undefined {
  return notebook.uri.scheme === 'file' ? dirname(notebook.uri.fsPath) : workspace.workspaceFolders?.[0]?.uri.fsPath;
}

/** Puts a cell behind the selected one, and shows it. */
export async function insertCell(editor: NotebookEditor, text: string): Promise<void> {
  const { notebook, selection } = editor;
  const at = notebook.cellCount === 0 ? 0 : Math.min(notebook.cellCount, selection.end);
  const edit = new WorkspaceEdit();
  edit.set(notebook.uri, [NotebookEdit.insertCells(at, [new NotebookCellData(NotebookCellKind.Code, text.trimEnd(), 'difface')])]);
  if (!(await workspace.applyEdit(edit))) throw new Error('The notebook cannot be edited.');
  const shown = await window.showNotebookDocument(notebook, { viewColumn: editor.viewColumn ?? ViewColumn.Active, selections: [new NotebookRange(at, at + 1)] });
  shown.revealRange(new NotebookRange(at, at + 1));
}
