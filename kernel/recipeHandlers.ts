import type { EnginePool } from './pipeline/enginePool.ts';
import type { Handover } from './pipeline/handover.ts';
import type { OnProgress } from './pipeline/progress.ts';
import { runAction } from './pipeline/runAction.ts';
import type { KernelHandlers, RecipeParams } from './protocol.ts';
import { parseRecipe } from './recipe/parse.ts';
import { summaryOf } from './recipe/summary.ts';

type RecipeRequests = Pick<KernelHandlers, 'recipe' | 'runAction'>;

/** Answers what is asked about recipes. @param onDone called when an action ended: the stores may have grown */
export function recipeHandlers(engines: EnginePool, handover: Handover, onProgress: (job: string) => OnProgress, onDone: () => void): RecipeRequests {
  const parse = ({ text, names }: RecipeParams): ReturnType<typeof parseRecipe> => parseRecipe(text, names.map(({ name }) => name));
  return {
    recipe: (params) => Promise.resolve(summaryOf(parse(params))),
    async runAction({ job, action, device, ...params }, signal) {
      const outcome = await runAction(parse(params), action, { folder: params.folder, names: params.names, engines, device, signal, onProgress: onProgress(job) }).finally(onDone);
      return { file: await handover.write(new TextEncoder().encode(JSON.stringify(outcome))) };
    },
  };
}
