import { openedRecipe, recipeText } from './pipeline/editorRecipe.ts';
import type { EnginePool } from './pipeline/enginePool.ts';
import type { Handover } from './pipeline/handover.ts';
import { madeBy } from './pipeline/madeBy.ts';
import type { OnProgress } from './pipeline/progress.ts';
import { aroundRun } from './pipeline/recipeChecks/aroundRun.ts';
import { plannedRun } from './pipeline/recipeChecks/plannedRun.ts';
import { replay } from './pipeline/replay.ts';
import { runAction } from './pipeline/runAction.ts';
import type { KernelHandlers, PlanRunParams, RecipeParams } from './protocol.ts';
import { givenNames } from './recipe/language/naming.ts';
import { parseRecipe } from './recipe/parse.ts';
import { summaryOf } from './recipe/summary.ts';

type RecipeRequests = Pick<KernelHandlers, 'recipe' | 'planRun' | 'runAction' | 'madeBy' | 'replay' | 'writeRecipe' | 'openRecipe'>;

/** Answers what is asked about recipes. @param onDone called when an action ended: the stores may have grown */
export function recipeHandlers(engines: EnginePool, handover: Handover, onProgress: (job: string) => OnProgress, onDone: () => void): RecipeRequests {
  const parse = ({ text, names, above = [] }: RecipeParams & Pick<PlanRunParams, 'above'>): ReturnType<typeof parseRecipe> => (
    parseRecipe(text, names.map(({ name }) => name), above.flatMap((cell) => givenNames(parseRecipe(cell)).map(({ name }) => name))));
  return {
    recipe: (params) => Promise.resolve(summaryOf(parse(params))),
    planRun: ({ action, ...params }) => plannedRun(parse(params), aroundRun(params.folder, params.names), action),
    async runAction({ job, action, device, ...params }, signal) {
      const outcome = await runAction(parse(params), action, { folder: params.folder, names: params.names, engines, device, signal, onProgress: onProgress(job) }).finally(onDone);
      return { file: await handover.write(new TextEncoder().encode(JSON.stringify(outcome))) };
    },
    madeBy: async ({ path, verify }, signal) => (await madeBy(path, verify, signal)) ?? null,
    replay: ({ path, job }, signal) => replay(path, { signal, onProgress: onProgress(job), background: true }),
    writeRecipe: ({ path, options, device, folder }) => Promise.resolve({ text: recipeText(path, options, device, folder) }),
    openRecipe: ({ text, folder, action }) => openedRecipe(parseRecipe(text), action, folder),
  };
}
