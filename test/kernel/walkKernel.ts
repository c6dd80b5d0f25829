import { strict as assert } from 'node:assert';
import { readdir, readFile, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { createHandlers } from '../../kernel/handlers.ts';
import type { HandedOver, JobProgress, KernelHandlers, KernelSettings, RestoreRequest, StateKind, TensorHeader, Turn, WalkInfo, WalkRef } from '../../kernel/protocol.ts';
import { fromFloat16 } from '../../kernel/tensor/float16.ts';
import { inFolder, root } from '../cli/command.ts';

export const portrait = join(root, 'samples', 'portrait.png');
export const never = new AbortController().signal;
export const view = 'v';
export const options: RestoreRequest = { model: 'sample', sampler: 'ddim', start: 20, steps: 5, eta: 0.5, seed: 3 };
export const trunk: WalkRef = { face: 1, frame: 0, turns: [] };

export interface Kernel {
  readonly handlers: KernelHandlers;
  readonly progress: JobProgress[];
}

/** A kernel that shows the portrait, with a cache of its own or a given one. */
export async function withKernel(settings: KernelSettings, use: (kernel: Kernel, cache: string) => Promise<void>, path = portrait, known?: string): Promise<void> {
  await inFolder(async (fresh) => {
    const cache = known ?? fresh;
    const previous = process.env['DIFFACE_CACHE'];
    process.env['DIFFACE_CACHE'] = cache;
    const progress: JobProgress[] = [];
    const { handlers, dispose } = createHandlers({ progress: (one) => { progress.push(one); }, device: () => undefined, weights: () => undefined }, settings);
    try {
      await handlers.open({ view, path }, never);
      await use({ handlers, progress }, cache);
    } finally {
      dispose();
      process.env['DIFFACE_CACHE'] = previous ?? '';
      if (previous === undefined) delete process.env['DIFFACE_CACHE'];
    }
  });
}

export async function walked({ handlers }: Kernel, turns: readonly Turn[] = [], request = options): Promise<WalkInfo> {
  const info = await handlers.walk({ view, options: request, walk: { ...trunk, turns }, compute: true, job: 'walk', device: 'cpu' }, never);
  assert.ok(info);
  return info;
}

export async function numbers(answer: Promise<TensorHeader & HandedOver>): Promise<Float32Array> {
  const { file, dtype, shape, lasting } = await answer;
  const { buffer } = new Uint8Array((await readFile(file)).subarray(lasting?.offset ?? 0));
  if (!lasting) await unlink(file);
  const values = dtype === 'float16' ? fromFloat16(new Uint16Array(buffer)) : new Float32Array(buffer);
  assert.equal(values.length, shape[0] * shape[1] * shape[2]);
  return values;
}

export function state({ handlers }: Kernel, kind: StateKind, order: number, turns: readonly Turn[] = [], request = options): Promise<Float32Array> {
  return numbers(handlers.state({ view, options: request, walk: { ...trunk, turns }, state: kind, order }, never));
}

/** All x_t and predX0 of a walk. */
export async function allStates(kernel: Kernel, info: WalkInfo, turns: readonly Turn[] = [], request = options): Promise<readonly Float32Array[]> {
  const states = [];
  for (const order of info.kept) for (const kind of ['xT', 'predX0'] as const) states.push(await state(kernel, kind, order, turns, request));
  return states;
}

export function walkingSteps({ progress }: Kernel): number {
  return progress.filter((one) => one.progress.stage === 'walking').length;
}

export function unchanged(at: number): Turn {
  return { at, sampler: 'ddim', steps: 5 - at, eta: 0.5, seed: 3 };
}

export async function smallPictures({ handlers }: Kernel): Promise<Buffer> {
  return readFile((await handlers.previews({ view, options, walk: trunk }, never)).file);
}

export async function stateFiles(cache: string, pattern: RegExp): Promise<readonly string[]> {
  const files = await readdir(join(cache, 'trajectories'), { recursive: true });
  return files.filter((file) => pattern.test(file)).map((file) => join(cache, 'trajectories', file));
}
