import { existsSync } from 'node:fs';
import { basename, dirname, extname, isAbsolute, join } from 'node:path';
import { commands, Uri, window, workspace, type NotebookCell, type TextDocument } from 'vscode';
import type { ActionOutcome, NamedResult } from '../kernel/protocol.ts';
import { DisposableStore, type Disposable } from './disposable.ts';
import { inEditorWords, sentence } from './editorWords.ts';
import { showFailure } from './failureMessages.ts';
import { isCancelled, RequestFailure } from './failures.ts';
import type { JobQueue } from './jobQueue.ts';
import type { KernelClient } from './kernelClient.ts';
import { outcomeOf, plannedRun } from './kernelActions.ts';
import { runWithNotification } from './kernelJob.ts';
import { runAfterMakers, type MadeResults } from './makersRun.ts';
import { clipExtensions, pictureExtensions } from './mediaKinds.ts';
import { problemsFailure } from './recipeProblems.ts';

/** "Run" above an action of a recipe. */
export function registerRunRecipe(kernel: KernelClient, queue: JobQueue): Disposable {
  const store = new DisposableStore();
  const runner = new RecipeRunner(kernel, queue);
  // the lens names a document by its URI, and the action by its number, counted from 0
  store.add(commands.registerCommand('difface.runRecipeAction', async (uri: string, action: number) => {
    const place = Uri.parse(uri);
    const cell = cellOf(place);
    if (cell) {
      await commands.executeCommand('notebook.cell.execute', { ranges: [{ start: cell.index, end: cell.index + 1 }], document: cell.notebook.uri });
      return;
    }
    if (!workspace.isTrusted) {
      void window.showWarningMessage('A recipe names models and folders of its own: it runs in a workspace that is trusted.');
      return;
    }
    try {
      await runner.run(await workspace.openTextDocument(place), action);
    } catch (error) {
      if (!isCancelled(error)) await showFailure(error, kernel);
    }
  }));
  store.add(workspace.onDidCloseTextDocument((document) => { runner.forget(document); }));
  return store;
}

function cellOf(uri: Uri): NotebookCell | undefined {
  return workspace.notebookDocuments.flatMap((notebook) => notebook.getCells()).find(({ document }) => document.uri.toString() === uri.toString());
}

/** Runs actions of open documents, after those whose results they use, and remembers what these came to. */
class RecipeRunner {
  private readonly made = new Map<string, MadeResults>();

  constructor(private readonly kernel: KernelClient, private readonly queue: JobQueue) {}

  forget({ uri }: TextDocument): void {
    this.made.delete(uri.toString());
  }

  async run(document: TextDocument, action: number): Promise<void> {
    if (document.uri.scheme !== 'file') throw new RequestFailure('usage', 'save the recipe first: its paths are relative to where it lies');
    const folder = dirname(document.uri.fsPath);
    const text = document.getText();                                    // it may be changed while it runs
    const planned = await plannedRun(this.kernel, { text, folder, names: [], action });
    if (planned.problems.length > 0) throw problemsFailure(planned.problems);
    const made = this.made.get(document.uri.toString()) ?? new Map<string, NamedResult>();
    this.made.set(document.uri.toString(), made);
    const outcomes = await runAfterMakers(planned, made, ({ path }) => existsSync(path), (index, names) => this.outcome({ text, folder, names, action: index }, document));
    for (const { shown } of outcomes) for (const { text: words } of shown) this.kernel.log.info(words);
    await this.show(outcomes.at(-1)!, folder);
  }

  private outcome(action: Parameters<typeof outcomeOf>[1], { uri }: TextDocument): Promise<ActionOutcome> {
    const title = `Running ${basename(uri.fsPath)}`;
    return runWithNotification(this.kernel, this.queue, { title, request: (job, signal) => outcomeOf(this.kernel, action, title, job, signal) });
  }

  /** The first line of what was made, and the way to it. */
  private async show({ kind, shown, notes, links, named }: ActionOutcome, folder: string): Promise<void> {
    const line = shown[0]?.text.split('\n')[0] ?? `${kind} is done`;
    const path = links[0]?.path ?? named?.path;
    const open = path === undefined ? [] : ['Open'];
    const message = [line, ...notes.map(inEditorWords)].map(sentence).join(' ');
    const picked = await window.showInformationMessage(message, ...open);
    if (picked === undefined || path === undefined) return;
    const file = Uri.file(isAbsolute(path) ? path : join(folder, path));
    await commands.executeCommand([...pictureExtensions, ...clipExtensions].some((one) => `.${one}` === extname(file.path).toLowerCase()) ? 'difface.openWith' : 'vscode.open', file);
  }
}
