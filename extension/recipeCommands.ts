import { existsSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { commands, env, Uri, window, workspace, type NotebookCell, type NotebookDocument } from 'vscode';
import { requests, type Replayed } from '../kernel/protocol.ts';
import { DisposableStore, type Disposable } from './disposable.ts';
import { inEditorWords } from './editorWords.ts';
import { showFailure } from './failureMessages.ts';
import { isCancelled } from './failures.ts';
import type { JobQueue } from './jobQueue.ts';
import type { KernelClient } from './kernelClient.ts';
import { runWithNotification } from './kernelJob.ts';
import { replayText } from './madeByWords.ts';
import { activeFile, openInDifFace } from './mediaEditor.ts';
import type { MediaDocument } from './mediaDocument.ts';
import type { OpenDocuments } from './openDocuments.ts';
import { restorationsIn } from './recipeChoice.ts';
import { folderOf } from './notebookPlace.ts';
import { insertCell, notebookAtHand } from './recipeNotebook.ts';
import { deviceSetting } from './settings.ts';

/** A recipe document, or a cell of a notebook. */
type RecipePlace = Uri | Pick<NotebookCell, 'document' | 'notebook'>;

/** From the editor to a recipe and back, and results made again. */
export function registerRecipeCommands(kernel: KernelClient, queue: JobQueue, documents: OpenDocuments): Disposable {
  const store = new DisposableStore();
  const register = (name: string, run: (...args: never[]) => Promise<void>): void => {
    store.add(commands.registerCommand(name, async (...args: never[]) => {
      try {
        await run(...args);
      } catch (error) {
        if (!isCancelled(error)) await showFailure(error, kernel);
      }
    }));
  };

  async function recipeOf(document: MediaDocument, folder: string): Promise<string> {
    const { text } = await kernel.request(requests.writeRecipe, { path: document.source, options: document.request, device: deviceSetting(), folder });
    return text;
  }

  async function withDocument(file: Uri | undefined, use: (document: MediaDocument) => Promise<void>): Promise<void> {
    const uri = file ?? activeFile();
    if (!uri) return;
    const document = await documents.open(uri);
    try {
      await use(document);
    } finally {
      document.dispose();
    }
  }

  register('difface.copyAsRecipe', (file?: Uri) => withDocument(file, async (document) => {
    const folder = workspace.getWorkspaceFolder(Uri.file(document.source))?.uri.fsPath ?? dirname(document.source);
    await env.clipboard.writeText(await recipeOf(document, folder));
    window.setStatusBarMessage(`$(check) The recipe of ${document.name} is on the clipboard`, 5000);
  }));
  register('difface.insertIntoNotebook', (file?: Uri) => withDocument(file, async (document) => {
    const editor = await notebookAtHand();
    await insertCell(editor, await recipeOf(document, folderIn(editor.notebook) ?? dirname(document.source)));
  }));
  register('difface.openRecipeInEditor', async (place?: RecipePlace, action?: unknown) => {
    const recipe = place ?? activeRecipe();
    if (recipe) await openRecipe(recipe, typeof action === 'number' ? action : undefined);   // the explorer hands its selection over
  });
  // the lens above a recipe names its document by the URI's text
  register('difface.replay', async (file?: Uri | string) => {
    const uri = typeof file === 'string' ? Uri.parse(file) : file ?? activeFile();
    if (uri) await replay(uri);
  });
  return store;

  async function openRecipe(place: RecipePlace, asked: number | undefined): Promise<void> {
    const { text, folder } = await textOf(place);
    const action = asked ?? await chooseRestoration(text, folder);
    if (action === undefined) return;
    const { paths, options, device } = await kernel.request(requests.openRecipe, { text, folder, action });
    const path = paths.length === 1 ? paths[0] : await window.showQuickPick([...paths], { title: 'DifFace: Which File?' });
    if (path === undefined) return;
    if (!existsSync(path)) {
      void window.showWarningMessage(`${path} is not there, which the recipe restores.`);
      return;
    }
    await withDocument(Uri.file(path), async (document) => {
      await openInDifFace(Uri.file(path));
      await document.take(options);
    });
    if (device !== undefined && device !== deviceSetting()) window.setStatusBarMessage(`$(info) The recipe asks for ${device.toUpperCase()}; the editor computes where its setting says`, 8000);
  }

  /** @returns undefined when there is none, which is said, or nothing was chosen */
  async function chooseRestoration(text: string, folder: string): Promise<number | undefined> {
    const restorations = restorationsIn(await kernel.request(requests.recipe, { text, folder, names: [] }));
    if (restorations.length === 0) void window.showInformationMessage('This recipe restores nothing: the DifFace editor opens restorations.');
    if (restorations.length < 2) return restorations[0]?.action;
    return (await window.showQuickPick(restorations.map((one) => ({ ...one })), { title: 'DifFace: Which Restoration?' }))?.action;
  }

  async function replay(uri: Uri): Promise<void> {
    const lockfile = await lockfileFor(uri);
    if (lockfile === undefined) {
      void window.showWarningMessage(`No recipe of ${basename(uri.fsPath)} was found: it lies beside a result that DifFace wrote.`);
      return;
    }
    const replayed = await runWithNotification(kernel, queue, { title: `Replaying ${basename(lockfile)}`, request: (job, signal) => kernel.request(requests.replay, { path: lockfile, job }, signal) });
    await tell(replayed);
  }

  /** Of a document that is being edited, what stands in it is what is replayed. */
  async function lockfileFor(uri: Uri): Promise<string | undefined> {
    if (!uri.path.endsWith('.difface')) return (await kernel.request(requests.madeBy, { path: uri.fsPath, verify: false }))?.lockfile;
    const open = workspace.textDocuments.find((document) => document.uri.toString() === uri.toString());
    if (open?.isDirty === true) await open.save();
    return uri.fsPath;
  }

  async function tell(replayed: Replayed): Promise<void> {
    const text = inEditorWords(replayText(replayed, basename(replayed.result)));
    kernel.log.info(text);
    const there = existsSync(replayed.result);
    const show = there ? ['Show'] : [];
    const chosen = replayed.faithful ? await window.showInformationMessage(text, ...show) : await window.showWarningMessage(text, ...show);
    if (chosen === 'Show') await commands.executeCommand('difface.compareWithOriginal', Uri.file(replayed.result));
  }
}

async function textOf(place: RecipePlace): Promise<{ readonly text: string; readonly folder: string }> {
  if (!(place instanceof Uri)) return { text: place.document.getText(), folder: folderIn(place.notebook) ?? dirname(place.notebook.uri.fsPath) };
  return { text: (await workspace.openTextDocument(place)).getText(), folder: dirname(place.fsPath) };
}

function folderIn(notebook: NotebookDocument): string | undefined {
  const place = folderOf(notebook);
  return 'folder' in place ? place.folder : undefined;
}

/** The recipe a person looks at: the text that is edited, or the selected cell. */
function activeRecipe(): RecipePlace | undefined {
  const { activeTextEditor, activeNotebookEditor } = window;
  const cell = activeNotebookEditor && activeNotebookEditor.notebook.cellCount > 0 ? activeNotebookEditor.notebook.cellAt(activeNotebookEditor.selection.start) : undefined;
  return cell ?? activeTextEditor?.document.uri;
}
