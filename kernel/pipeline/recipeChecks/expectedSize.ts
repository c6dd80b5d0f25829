import { nameIn } from '../../recipe/names.ts';
import type { Surroundings } from '../../recipe/language/surroundings.ts';
import type { NamedResult } from '../../recipe/outcome.ts';
import { fileOf, requestOf, type Place } from '../actions/named.ts';
import { kindOf } from '../collectFiles.ts';
import type { MeasurableFile } from '../fileRefusals.ts';
import { resultSize } from '../resultSize.ts';
import type { Before, EarlierAction } from './expectedResults.ts';
import { isResultOf } from './madeFiles.ts';

/**
 * The size that the file of a value has when its action comes to run: what its header says, or what follows from the original of a restoration.
 * @returns undefined where that cannot be told yet
 */
export async function expectedSize(value: string, place: Place, { names, actions }: Before, around: Surroundings): Promise<MeasurableFile | undefined> {
  const { path } = fileOf(value, place);
  const name = nameIn(value);
  const result = names.findLast((one) => one.name === name);
  if (!result || result.made) return sizeAt(path, actions, around);
  if (!result.restored) return undefined;                                // its name may be numbered where something stands there
  return result.restored.from === path ? sizeAt(path, actions, around) : sizeOfResult(path, result.restored, actions, around);
}

async function sizeAt(path: string, earlier: readonly EarlierAction[], around: Surroundings): Promise<MeasurableFile | undefined> {
  if (await around.entry(path)) {
    const header = await around.media(path);
    if (typeof header !== 'object') return undefined;
    return { path, width: header.width, height: header.height, frames: header.kind === 'picture' ? 1 : await around.frames?.(path) };
  }
  const restored = await restoredAs(path, earlier, around);
  return restored && sizeOfResult(path, restored, earlier, around);
}

/** Results are as large as their originals, or larger as `upscale` says; of clips they have as many frames. A picture is what has no name of a clip, as in a run. */
async function sizeOfResult(path: string, { from, options }: NonNullable<NamedResult['restored']>, earlier: readonly EarlierAction[], around: Surroundings): Promise<MeasurableFile | undefined> {
  const original = await sizeAt(from, earlier, around);
  return original && { path, frames: original.frames, ...resultSize(original, kindOf(from) ?? 'picture', options.aligned === true ? 1 : options.upscale ?? 1) };
}

/** What the first of the actions restores that asks for the name of a file at whose path nothing stands. */
async function restoredAs(path: string, earlier: readonly EarlierAction[], around: Surroundings): Promise<NamedResult['restored']> {
  for (const { action, place } of earlier) {
    if (action.kind !== 'restore') continue;
    const options = requestOf(action.value, place);
    for (const about of [action.value.restore].flat()) {
      const name = nameIn(about);
      if (name !== undefined && !place.names.some((one) => one.name === name)) continue;
      const { path: from } = fileOf(about, place);
      if (from !== path && await isResultOf(path, { from, subfolder: '' }, options, around)) return { from, options };
    }
  }
  return undefined;
}
