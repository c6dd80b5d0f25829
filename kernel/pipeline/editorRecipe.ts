import { isAbsolute, resolve } from 'node:path';
import { KernelFailure } from '../failure.ts';
import { nameIn } from '../recipe/names.ts';
import type { ParsedRecipe } from '../recipe/parsed.ts';
import { restorePart, standing, type RestoreRequest } from '../recipe/restoreOptions.ts';
import { telling, writeRestore } from '../recipe/write.ts';
import { findModel } from '../weights/catalog.ts';
import { pathFrom } from './lockNames.ts';
import { namedModels } from './plan.ts';
import { methodOf } from './request.ts';
import { samplerOptions } from './resolvedRequest.ts';

/**
 * How a file is restored in the editor, as the text of a recipe that says no more than it must.
 * @param folder absolute: where the recipe will be
 * @param device left away where it is `auto`
 */
export function recipeText(path: string, options: RestoreRequest, device: string, folder: string): string {
  const { model, output, ...rest } = options;
  return writeRestore({
    restore: pathFrom(folder, path),
    ...telling({
      ...rest,
      ...(model === undefined ? {} : { model: isAbsolute(model) ? pathFrom(folder, model) : model }),
      ...(output === undefined ? {} : { output: pathFrom(folder, output) }),
    }),
    ...(device === 'auto' ? {} : { device }),
  });
}

/** A restoration of a recipe, as the editor takes it. */
export interface OpenedRecipe {
  /** Absolute. */
  readonly paths: readonly string[];
  /** With every option said: the settings of the editor are not those of the recipe. */
  readonly options: RestoreRequest;
  readonly device?: string;
}

/**
 * What an action of a recipe asks for.
 * @param index of the action, counted from 0
 * @param folder absolute: what its paths are relative to
 * @throws KernelFailure('usage') for an action that restores nothing, has problems, or is about the result of another
 */
export async function openedRecipe(recipe: ParsedRecipe, index: number, folder: string): Promise<OpenedRecipe> {
  const action = recipe.actions[index]?.action;
  if (!action) throw new KernelFailure('usage', recipe.problems[0]?.message ?? 'the recipe has no such action');
  if (action.kind !== 'restore') throw new KernelFailure('usage', `'${action.kind}' restores nothing: the editor opens restorations`);
  const { restore, device } = action.value;
  const files = typeof restore === 'string' ? [restore] : restore;
  const named = files.map(nameIn).find((name) => name !== undefined);
  if (named !== undefined) throw new KernelFailure('usage', `$${named} is the result of another action; open the recipe that makes it`);
  const { aligned, output, ...options } = restorePart(action.value);
  if (aligned === true) throw new KernelFailure('usage', 'the editor looks for the faces of a picture, and this recipe takes it for one aligned face; run it instead');
  const placed = { ...options, ...(options.model === undefined || namedModels.includes(options.model) ? {} : { model: resolve(folder, options.model) }), ...(output === undefined ? {} : { output: resolve(folder, output) }) };
  return { paths: files.map((file) => resolve(folder, file)), options: { ...standing, ...placed, ...(await methodSaid(placed)) }, ...(device === undefined ? {} : { device }) };
}

/** The sampler and its numbers as they come to; nothing where the model is not there, or has none. */
async function methodSaid(options: RestoreRequest): Promise<RestoreRequest> {
  if (options.model === 'identity') return {};
  const model = await findModel(options.model).catch(() => undefined);
  const method = model && methodOf(options, model.description);
  return method?.kind === 'diffusion' ? samplerOptions(method.recipe) : {};
}
