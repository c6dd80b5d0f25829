import { NotebookControllerAffinity, notebooks, workspace, type NotebookCell, type NotebookCellExecution, type NotebookController, type NotebookDocument } from 'vscode';
import { outcomeMime, readOutcome } from './cellOutput.ts';
import { ExecutionPage } from './cellPage.ts';
import { runCell, type ActionRunner, type CellEnd } from './cellRun.ts';
import { DisposableStore, type Disposable } from './disposable.ts';
import { logFailure, offerRemedy } from './failureMessages.ts';
import type { JobQueue } from './jobQueue.ts';
import { kernelActions } from './kernelActions.ts';
import type { KernelClient } from './kernelClient.ts';
import { folderOf } from './notebookPlace.ts';
import { isOurs, languageId, notebookType } from './notebookShape.ts';
import { ResultNames, type EarlierOutput } from './resultNames.ts';

/** Runs the recipes of notebooks: ordinary `.ipynb` files, which VS Code reads and writes by itself. */
export function registerNotebookController(kernel: KernelClient, queue: JobQueue): Disposable {
  const store = new DisposableStore();
  const cells = new NotebookCells(kernel, kernelActions(kernel, queue));
  const controller = store.add(notebooks.createNotebookController('difface', notebookType, 'DifFace'));
  controller.supportedLanguages = [languageId];
  controller.supportsExecutionOrder = true;
  controller.description = 'Runs recipes: restore, trajectory, compare, measure, show';
  controller.executeHandler = (chosen, notebook) => cells.run(chosen, notebook, controller);
  const prefer = (notebook: NotebookDocument): void => {
    if (notebook.notebookType !== notebookType) return;
    cells.opened(notebook);
    if (isOurs(notebook.metadata)) controller.updateNotebookAffinity(notebook, NotebookControllerAffinity.Preferred);
  };
  for (const notebook of workspace.notebookDocuments) prefer(notebook);
  store.add(workspace.onDidOpenNotebookDocument(prefer));
  return store;
}

/** What belongs to one open notebook. */
interface OpenNotebook {
  /** What its outputs told when it was opened: VS Code forgets the numbers of executions when cells run again. */
  readonly earlier: readonly EarlierOutput[];
  names?: { readonly folder: string; readonly results: ResultNames };
  executions: number;
  /** Its cells run one after the other. */
  turn: Promise<void>;
}

class NotebookCells {
  private readonly open = new WeakMap<NotebookDocument, OpenNotebook>();

  constructor(private readonly kernel: KernelClient, private readonly actions: ActionRunner) {}

  /** All are shown as waiting at once, so that each can be cancelled; behind one that does not come to its end none runs. */
  async run(cells: readonly NotebookCell[], notebook: NotebookDocument, controller: NotebookController): Promise<void> {
    const state = this.opened(notebook);
    const executions = cells.map((cell) => controller.createNotebookCellExecution(cell));
    const mine = state.turn.then(async () => {
      let goOn = true;
      for (const execution of executions) {
        if (execution.token.isCancellationRequested || !goOn) execution.end(undefined);
        else {
          goOn = await this.runOne(execution, notebook, state).catch((error: unknown) => {
            logFailure(error, this.kernel);                             // a cell that was deleted in the middle has no outputs
            return false;
          });
        }
      }
    });
    state.turn = mine;
    await mine;
  }

  private async runOne(execution: NotebookCellExecution, notebook: NotebookDocument, state: OpenNotebook): Promise<boolean> {
    execution.executionOrder = ++state.executions;
    execution.start(Date.now());
    await execution.clearOutput();
    const end = await this.resultOf(execution, notebook, state);
    execution.end(end.kind === 'done' ? true : end.kind === 'failed' ? false : undefined, Date.now());
    return end.kind === 'done';
  }

  private async resultOf(execution: NotebookCellExecution, notebook: NotebookDocument, state: OpenNotebook): Promise<CellEnd> {
    const page = new ExecutionPage(execution);
    const place = folderOf(notebook);
    if ('why' in place) {
      await page.fail('DifFace', place.why);
      return { kind: 'failed' };
    }
    const controller = new AbortController();
    const listening = execution.token.onCancellationRequested(() => { controller.abort(); });
    try {
      const end = await runCell({ text: execution.cell.document.getText(), folder: place.folder, names: namesOf(place.folder, state), above: recipesAbove(execution.cell) }, this.actions, page, controller.signal);
      if (end.kind === 'failed' && end.error !== undefined) {
        logFailure(end.error, this.kernel);
        void offerRemedy(end.error, this.kernel);
      }
      return end;
    } finally {
      listening.dispose();
    }
  }

  /** To be told of a notebook before its cells run. */
  opened(notebook: NotebookDocument): OpenNotebook {
    const known = this.open.get(notebook);
    if (known) return known;
    const fresh: OpenNotebook = { earlier: earlierOutputs(notebook), executions: Math.max(0, ...notebook.getCells().map(({ executionSummary }) => executionSummary?.executionOrder ?? 0)), turn: Promise.resolve() };
    this.open.set(notebook, fresh);
    return fresh;
  }
}

function recipesAbove({ notebook, index }: NotebookCell): readonly string[] {
  return notebook.getCells().slice(0, index).filter(({ document }) => document.languageId === languageId).map(({ document }) => document.getText());
}

/** The names that cells gave; of an earlier session those that the notebook's outputs tell. */
function namesOf(folder: string, state: OpenNotebook): ResultNames {
  if (state.names?.folder !== folder) state.names = { folder, results: new ResultNames(state.earlier, folder) };
  return state.names.results;
}

function earlierOutputs(notebook: NotebookDocument): readonly EarlierOutput[] {
  return notebook.getCells().flatMap(({ outputs, executionSummary }) => outputs.flatMap(({ items }) => {
    const stored = items.find(({ mime }) => mime === outcomeMime);
    const outcome = stored && readOutcome(stored.data);
    return outcome?.named ? [{ execution: executionSummary?.executionOrder, named: outcome.named }] : [];
  }));
}
