import { dirname, relative, sep } from 'node:path';
import { commands, NotebookCellData, NotebookCellKind, NotebookData, NotebookEdit, type Uri, window, workspace, WorkspaceEdit, type ExtensionContext } from 'vscode';
import type { Disposable } from './disposable.ts';
import { activeFile } from './mediaEditor.ts';
import { clipExtensions, isMedia, pictureExtensions } from './mediaKinds.ts';
import { firstCells, languageId, notebookMetadata, notebookType } from './notebookShape.ts';
import { copyOfSample } from './sampleFiles.ts';

/** "DifFace: New Notebook": one that begins with the picture that is open, or the first there is. */
export function registerNotebookCommands(context: ExtensionContext): Disposable {
  return commands.registerCommand('difface.newNotebook', async () => {
    const media = await firstMedia() ?? await copyOfSample(context, 'portrait.png');
    const folder = workspace.workspaceFolders?.find(({ uri }) => uri.scheme === 'file')?.uri.fsPath;
    if (folder === undefined) await saved(media);
    else await window.showNotebookDocument(await workspace.openNotebookDocument(notebookType, contents(media, folder)));
  });
}

/** Paths in a notebook begin at its folder: without a folder that is open it needs a place of its own first. */
async function saved(media: Uri): Promise<void> {
  const place = await window.showSaveDialog({ title: 'New Notebook', defaultUri: media.with({ path: media.path.replace(/\.[^./]+$/, '.ipynb') }), filters: { 'Jupyter Notebook': ['ipynb'] } });
  if (!place) return;
  await workspace.fs.writeFile(place, new Uint8Array());
  const notebook = await workspace.openNotebookDocument(place);
  const { cells, metadata = {} } = contents(media, dirname(place.fsPath));
  const edit = new WorkspaceEdit();
  edit.set(place, [NotebookEdit.insertCells(0, cells), NotebookEdit.updateNotebookMetadata(metadata)]);
  await workspace.applyEdit(edit);
  await notebook.save();
  await window.showNotebookDocument(notebook);
}

function contents(media: Uri, folder: string): NotebookData {
  const cells = firstCells(relative(folder, media.fsPath).split(sep).join('/'));
  const data = new NotebookData(cells.map(({ kind, text }) => (
    kind === 'markdown' ? new NotebookCellData(NotebookCellKind.Markup, text, 'markdown') : new NotebookCellData(NotebookCellKind.Code, text, languageId)
  )));
  data.metadata = notebookMetadata;
  return data;
}

/** The picture or clip that is open, or the first of the workspace that is no result. */
async function firstMedia(): Promise<Uri | undefined> {
  const active = activeFile();
  if (active?.scheme === 'file' && isMedia(active.path)) return active;
  const found = await workspace.findFiles(`**/*.{${[...pictureExtensions, ...clipExtensions].join(',')}}`, '**/node_modules/**', 100);
  return found.filter(({ path }) => !/\.restored(-\d+)?\.[^.]+$/.test(path)).sort((a, b) => a.path.split('/').length - b.path.split('/').length || a.path.localeCompare(b.path))[0];
}
