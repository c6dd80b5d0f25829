import { NotebookCellData, NotebookCellKind, NotebookData, NotebookEdit, NotebookRange, ViewColumn, window, workspace, WorkspaceEdit, type NotebookEditor } from 'vscode';
import { languageId, notebookMetadata, notebookType } from './notebookShape.ts';

/** The notebook a person looks at, or one that is visible, or a new one. */
export async function notebookAtHand(): Promise<NotebookEditor> {
  const open = [window.activeNotebookEditor, ...window.visibleNotebookEditors].find((editor) => editor?.notebook.notebookType === notebookType);
  return open ?? newNotebook();
}

/** An empty notebook for recipes, shown. */
export async function newNotebook(): Promise<NotebookEditor> {
  const data = new NotebookData([]);
  data.metadata = notebookMetadata;
  return window.showNotebookDocument(await workspace.openNotebookDocument(notebookType, data));
}

/** Puts a cell behind the selected one, and shows it. */
export async function insertCell(editor: NotebookEditor, text: string): Promise<void> {
  const { notebook, selection } = editor;
  const at = notebook.cellCount === 0 ? 0 : Math.min(notebook.cellCount, selection.end);
  const edit = new WorkspaceEdit();
  edit.set(notebook.uri, [NotebookEdit.insertCells(at, [new NotebookCellData(NotebookCellKind.Code, text.trimEnd(), languageId)])]);
  if (!(await workspace.applyEdit(edit))) throw new Error('The notebook cannot be edited.');
  const shown = await window.showNotebookDocument(notebook, { viewColumn: editor.viewColumn ?? ViewColumn.Active, selections: [new NotebookRange(at, at + 1)] });
  shown.revealRange(new NotebookRange(at, at + 1));
}
