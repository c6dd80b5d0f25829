import { copyFile, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EnginePool } from '../../kernel/pipeline/enginePool.ts';
import type { OnProgress } from '../../kernel/pipeline/progress.ts';
import { runAction } from '../../kernel/pipeline/runAction.ts';
import type { ActionOutcome, NamedResult, Shown } from '../../kernel/recipe/outcome.ts';
import { parseRecipe } from '../../kernel/recipe/parse.ts';
import { root } from '../cli/command.ts';

interface RunOptions {
  readonly names?: readonly NamedResult[];
  readonly signal?: AbortSignal;
  readonly onProgress?: OnProgress;
}

/** A folder with the sample portrait and what else is put there, and the engines that recipes run on. */
export class RecipeFolder {
  private constructor(readonly path: string, private readonly engines: EnginePool) {}

  static async open(): Promise<RecipeFolder> {
    const path = await mkdtemp(join(tmpdir(), 'difface-recipe-'));
    await copyFile(join(root, 'samples', 'portrait.png'), join(path, 'portrait.png'));
    return new RecipeFolder(path, new EnginePool());
  }

  async close(): Promise<void> {
    this.engines.dispose();
    await rm(this.path, { recursive: true, force: true });
  }

  files(folder = ''): Promise<readonly string[]> {
    return readdir(join(this.path, folder)).then((files) => files.toSorted());
  }

  /** Runs all actions, each with the names of those before it. */
  async run(text: string, { names: known = [], signal = new AbortController().signal, onProgress = () => undefined }: RunOptions = {}): Promise<readonly ActionOutcome[]> {
    const names = [...known];
    const recipe = parseRecipe(text, names.map(({ name }) => name));
    const outcomes: ActionOutcome[] = [];
    for (let i = 0; i < Math.max(1, recipe.actions.length); i++) {
      const outcome = await runAction(recipe, i, { folder: this.path, names, engines: this.engines, device: 'cpu', signal, onProgress });
      if (outcome.named) names.push(outcome.named);
      outcomes.push(outcome);
    }
    return outcomes;
  }
}

/** The first thing of a kind that was shown. */
export function shownAs<K extends Shown['kind']>(kind: K, { shown }: ActionOutcome): Extract<Shown, { readonly kind: K }> {
  const found = shown.find((one) => one.kind === kind);
  if (!found) throw new Error(`no ${kind} was shown, but ${shown.map((one) => one.kind).join(', ')}`);
  return found as Extract<Shown, { readonly kind: K }>;
}
