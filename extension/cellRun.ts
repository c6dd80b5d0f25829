import { homedir } from 'node:os';
import type { ActionKind, ActionOutcome, NamedResult, RecipeSummary } from '../kernel/protocol.ts';
import { outputItems, type OutputItem } from './cellOutput.ts';
import { inEditorWords, sentence } from './editorWords.ts';
import { isCancelled } from './failures.ts';
import { problemsFailure } from './recipeProblems.ts';
import type { ResultNames } from './resultNames.ts';
import { withoutMachine } from './storedPaths.ts';

/** The text of a cell and where it stands. */
export interface CellText {
  readonly text: string;
  /** Absolute: the notebook's. */
  readonly folder: string;
  readonly names: ResultNames;
  /** The texts of the cells above, which may have names to give. */
  readonly above: readonly string[];
}

/** What does the work of cells. */
export interface ActionRunner {
  /** What is going to run, and all that would keep it from that. */
  plan(cell: Omit<CellText, 'names'> & { readonly names: readonly NamedResult[] }, signal: AbortSignal): Promise<RecipeSummary>;
  /**
   * @param title what goes on, such as `Restoring portrait.png`
   * @param tell takes a line for a person whenever there is something new
   */
  run(action: { readonly text: string; readonly folder: string; readonly names: readonly NamedResult[]; readonly action: number; readonly title: string }, tell: (line: string) => void, signal: AbortSignal): Promise<ActionOutcome>;
}

/** The outputs of a cell, one after the other. The last may be a line of progress, until something takes its place. */
export interface CellPage {
  progress(line: string): void;
  /** Takes the place of the line of progress. */
  put(items: readonly OutputItem[]): Promise<void>;
  /** Likewise; `name` says what kind of failure it is. */
  fail(name: string, message: string): Promise<void>;
  /** Nothing takes the place of the line of progress. */
  clear(): Promise<void>;
}

/** Whatever it came to was said on the page; `error` is what a person may be offered help against. */
export type CellEnd = { readonly kind: 'done' } | { readonly kind: 'cancelled' } | { readonly kind: 'failed'; readonly error?: unknown };

const doing: Readonly<Record<ActionKind, string>> = { restore: 'Restoring', trajectory: 'Walking', compare: 'Comparing', measure: 'Measuring', show: 'Showing' };

/** Runs the actions of a cell one after the other, until one fails. */
export async function runCell({ text, folder, names, above }: CellText, runner: ActionRunner, page: CellPage, signal: AbortSignal): Promise<CellEnd> {
  try {
    const { actions, problems } = await runner.plan({ text, folder, names: names.all, above }, signal);
    if (problems.length > 0) {
      const failure = problemsFailure(problems);
      await page.fail('Recipe', withoutMachine(inEditorWords(failure.message), folder, homedir()));
      return { kind: 'failed', ...(failure.kind === 'weights' ? { error: failure } : {}) };
    }
    for (const [action, { kind, about }] of actions.entries()) {
      const outcome = await runner.run({ text, folder, names: names.all, action, title: `${doing[kind]} ${about}`.trim() }, (line) => { page.progress(line); }, signal);
      if (outcome.named) names.add(outcome.named);
      await page.put(outputItems(outcome, folder));
    }
    await page.clear();
    return { kind: 'done' };
  } catch (error) {
    if (isCancelled(error) || signal.aborted) {
      await page.put([{ mime: 'text/plain', data: new TextEncoder().encode('Cancelled.') }]);
      return { kind: 'cancelled' };
    }
    await page.fail('DifFace', withoutMachine(sentence(error instanceof Error ? error.message : String(error)), folder, homedir()));
    return { kind: 'failed', error };
  }
}
