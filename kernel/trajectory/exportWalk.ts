import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { checkName, writeFolderWhole, writeWhole } from '../media/atomicFile.ts';
import { encodeFrames } from '../media/encodeFrames.ts';
import { encodePng } from '../media/image.ts';
import type { RgbImage } from '../tensor/rgbImage.ts';
import { writeNpz, type NpzArray } from '../tensor/npz.ts';
import { sizeOf, type Tensor } from '../tensor/tensor.ts';
import type { StoredWalk } from './storedWalk.ts';
import { grid, sheet, stateToRgb, strip } from './strip.ts';
import type { WalkFormat, WalkStep } from './walkTypes.ts';

/**
 * Writes a walk into a folder of its own, whole or not at all: `parameters.json`, and of `formats`
 * - `npz`: `states.npz`, all float32. Of the kept steps, in the order they were walked: `x_t`, `predX0`, `predEps` and, where any step draws noise, `noise` (zeros for
 *   the steps that draw none), (steps, 3, H, W); `t`, `alphaBar`, `alphaBarPrev`, `sigma` (float64) and `order` (int64), (steps). Once: `input`, `estimate`, `result`
 *   (3, H, W). Where a step is DDPM's, `sigma` is float32, (steps, 3, H, W): what the network said for each pixel; of the other steps the one number everywhere.
 *   Which equations they fulfil is said in docs/trajectories.md;
 * - `png`: `strip.png`; `webm`, `gif`: `walk.webm`, `walk.gif`: x_t beside predX0, from the input beside the estimate to the result.
 *
 * @param wanted the folder; the next free name is used where it is taken
 * @param parameters what led to the walk; goes into `parameters.json` as it is
 * @param onProgress is told how many states were read, and how many will be
 * @returns the folder's path
 * @throws KernelFailure('output') when it cannot be written, ('dependency') when ffmpeg is missing or lacks an encoder, ('input') when a state cannot be read; the signal's reason
 */
export async function exportWalk(walk: StoredWalk, wanted: string, formats: readonly WalkFormat[], parameters: object, signal: AbortSignal, onProgress?: (done: number, total: number) => void): Promise<string> {
  await checkName(wanted);
  const chosen = [...new Set(formats)];
  const total = chosen.reduce((sum, format) => sum + statesIn(walk, format), 0);
  let done = 0;
  const read: StoredWalk['read'] = async (kind, order) => {
    signal.throwIfAborted();
    const state = await walk.read(kind, order);
    onProgress?.(++done, total);
    return state;
  };
  const watched: StoredWalk = { info: walk.info, read, noise: (order) => walk.noise(order), sigma: (order) => walk.sigma(order) };
  return writeFolderWhole(wanted, async (folder) => {
    for (const format of chosen) await writeFormat(watched, folder, format, signal);
    await writeFile(join(folder, parametersFile), parametersOf(walk, parameters));
    signal.throwIfAborted();
  });
}

const parametersFile = 'parameters.json';
/** What a format is written as, in the folder of its walk. */
export const formatFiles: Readonly<Record<WalkFormat, string>> = { npz: 'states.npz', png: 'strip.png', webm: 'walk.webm', gif: 'walk.gif' };

function parametersOf({ info: { size, precision, start, steps, kept, figures } }: StoredWalk, parameters: object): string {
  return JSON.stringify({ parameters, size, precision, start, kept, steps, figures }, null, 2) + '\n';
}

/** A folder that an earlier export of the very same walk left under the wanted name, or one that follows it, with all the formats in it. @returns undefined where there is none */
export async function earlierExport(walk: StoredWalk, wanted: string, formats: readonly WalkFormat[], parameters: object): Promise<string | undefined> {
  for (let number = 1; ; number++) {
    const folder = number === 1 ? wanted : `${wanted}-${number}`;
    const files = await readdir(folder).catch(() => undefined);
    if (!files) return undefined;
    const said = await readFile(join(folder, parametersFile), 'utf8').catch(() => '');
    if (said === parametersOf(walk, parameters) && formats.every((format) => files.includes(formatFiles[format]))) return folder;
  }
}

/**
 * Writes the walks of a face over the frames of a clip as one PNG, whole or not at all: see `grid`.
 * @param frames number of each walk's frame
 * @returns the path: `wanted`, or the next free name
 * @throws KernelFailure('output') when it cannot be written, ('input') when a state cannot be read; RangeError when the walks do not keep the same steps; the signal's reason
 */
export async function exportGrid(walks: readonly StoredWalk[], frames: readonly number[], wanted: string, signal: AbortSignal): Promise<string> {
  await checkName(wanted);
  const watched = walks.map((walk): StoredWalk => ({
    info: walk.info,
    read: (kind, order) => {
      signal.throwIfAborted();
      return walk.read(kind, order);
    },
    noise: (order) => walk.noise(order),
    sigma: (order) => walk.sigma(order),
  }));
  const image = await grid(watched, frames);
  return writeWhole(wanted, async (temporary) => writeFile(temporary, await encodePng(image)));
}

/** The kept steps: the states before the result. */
function keptSteps({ info }: StoredWalk): readonly { readonly order: number; readonly step: WalkStep }[] {
  return info.kept.filter((order) => order < info.steps.length).map((order) => ({ order, step: info.steps[order]! }));
}

function statesIn(walk: StoredWalk, format: WalkFormat): number {
  return (format === 'npz' ? 3 : 2) * keptSteps(walk).length + 3;
}

async function writeFormat(walk: StoredWalk, folder: string, format: WalkFormat, signal: AbortSignal): Promise<void> {
  switch (format) {
    case 'npz':
      return writeNpz(join(folder, formatFiles.npz), arraysOf(walk), signal);
    case 'png':
      return writeFile(join(folder, formatFiles.png), await encodePng(await strip(walk)));
    case 'webm':
    case 'gif':
      await encodeFrames(join(folder, formatFiles[format]), framesOf(walk), { frameRate: frameRateOf(keptSteps(walk).length + 2), signal });
      return;
    default:
      format satisfies never;
  }
}

function arraysOf(walk: StoredWalk): readonly NpzArray[] {
  const { info } = walk;
  const kept = keptSteps(walk);
  const shape = [3, info.size, info.size];
  const states = (name: string, parts: (order: number) => Promise<Tensor>): NpzArray => ({
    name, dtype: '<f4', shape: [kept.length, ...shape],
    parts: (function* () {
      for (const { order } of kept) yield parts(order).then(({ data }) => data);
    })(),
  });
  const single = (name: string, state: () => Promise<Tensor>): NpzArray => ({ name, dtype: '<f4', shape, parts: (function* () { yield state().then(({ data }) => data); })() });
  const numbers = (name: 't' | 'alphaBar' | 'alphaBarPrev' | 'sigma'): NpzArray => ({ name, dtype: '<f8', shape: [kept.length], parts: [Float64Array.from(kept, ({ step }) => step[name])] });
  const everywhere = (value: number): Tensor => ({ data: new Float32Array(sizeOf(shape)).fill(value), shape });
  return [
    states('x_t', (order) => walk.read('xT', order)),
    states('predX0', (order) => walk.read('predX0', order)),
    states('predEps', (order) => walk.read('predEps', order)),
    ...(kept.some(({ order }) => walk.noise(order)) ? [states('noise', (order) => Promise.resolve(walk.noise(order) ?? everywhere(0)))] : []),
    numbers('t'), numbers('alphaBar'), numbers('alphaBarPrev'),
    kept.some(({ step }) => step.sampler === 'ddpm') ? states('sigma', async (order) => (await walk.sigma(order)) ?? everywhere(info.steps[order]!.sigma)) : numbers('sigma'),
    { name: 'order', dtype: '<i8', shape: [kept.length], parts: [BigInt64Array.from(kept, ({ order }) => BigInt(order))] },
    single('input', () => walk.read('input', 0)),
    single('estimate', () => walk.read('estimate', 0)),
    single('result', () => walk.read('xT', info.steps.length)),
  ];
}

/** x_t beside predX0, from the input beside the estimate to the result beside itself. */
async function* framesOf(walk: StoredWalk): AsyncGenerator<RgbImage> {
  const beside = (left: Tensor, right: Tensor): RgbImage => sheet([[stateToRgb(left), stateToRgb(right)]], 4);
  yield beside(await walk.read('input', 0), await walk.read('estimate', 0));
  for (const { order } of keptSteps(walk)) yield beside(await walk.read('xT', order), await walk.read('predX0', order));
  const result = await walk.read('xT', walk.info.steps.length);
  yield beside(result, result);
}

/** About five seconds for a walk, in rates whose frames last whole hundredths of a second, the unit of GIF. */
function frameRateOf(frames: number): number {
  return [4, 5, 10, 20].find((rate) => frames <= 6 * rate) ?? 25;
}
