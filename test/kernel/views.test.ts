import { strict as assert } from 'node:assert';
import { mkdtempSync, rmSync } from 'node:fs';
import { copyFile, readFile, readdir, unlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, afterEach, before, beforeEach, describe, it } from 'mocha';
import sharp from 'sharp';
import { KernelFailure } from '../../kernel/failure.ts';
import { createHandlers } from '../../kernel/handlers.ts';
import { probeClip } from '../../kernel/media/probe.ts';
import type { HandedFrames, JobProgress, KernelHandlers, RestoreRequest } from '../../kernel/protocol.ts';
import { filesBelow, inFolder, root } from '../cli/command.ts';

const quick: RestoreRequest = { model: 'sample', sampler: 'ddim', start: 2, steps: 2 };
const never = new AbortController().signal;

describe('the kernel shows and develops', () => {
  let cache: string;
  let previous: string | undefined;
  let handlers: KernelHandlers;
  let dispose: () => void;
  let progress: JobProgress[];
  before(() => {
    cache = mkdtempSync(join(tmpdir(), 'difface-cache-'));
    previous = process.env['DIFFACE_CACHE'];
    process.env['DIFFACE_CACHE'] = cache;
  });
  beforeEach(() => {
    progress = [];
    ({ handlers, dispose } = createHandlers({ progress: (one) => { progress.push(one); }, device: () => undefined, weights: () => undefined }, {}));
  });
  afterEach(() => {
    dispose();
  });
  after(() => {
    if (previous === undefined) delete process.env['DIFFACE_CACHE'];
    else process.env['DIFFACE_CACHE'] = previous;
    rmSync(cache, { recursive: true, force: true });
  });

  /** JPEGs of frames, decoded to grey levels. */
  async function pixels({ file, frames }: HandedFrames, layer: 'original' | 'restored'): Promise<Buffer[]> {
    const bytes = await readFile(file);
    await unlink(file);
    return Promise.all(frames.map(({ [layer]: place }) => sharp(bytes.subarray(place![0], place![0] + place![1])).greyscale().raw().toBuffer()));
  }

  it('gives any frame of a clip by its presentation time, the same whether it is reached by seeking or by playing', async () => {
    const path = join(root, 'samples', 'clip.mp4');
    const info = await handlers.open({ view: 'v', path }, never);
    assert.equal(info.kind, 'clip');
    const times = await handlers.index({ view: 'v' }, never);
    assert.deepEqual(times, (await probeClip(path)).timestamps);
    const ask = (from: number, count: number) => handlers.frames({ view: 'v', from, count, width: 160, height: 90 }, never);
    const first = await ask(times[0]!, 8);
    const next = await ask(times[8]!, 8);
    assert.deepEqual([...first.frames, ...next.frames].map(({ ticks }) => ticks), times.slice(0, 16));
    const played = (await pixels(next, 'original'))[3]!;
    const sought = await ask(times[11]!, 1);
    assert.deepEqual(sought.frames.map(({ ticks }) => ticks), [times[11]]);
    const [frame] = await pixels(sought, 'original');
    assert.ok(frame!.equals(played));
    const end = await ask(times.at(-2)!, 5);
    assert.deepEqual(end.frames.map(({ ticks }) => ticks), times.slice(-2));
  });

  it('gives the sound as one stream, piece by piece', async () => {
    await handlers.open({ view: 'v', path: join(root, 'samples', 'clip.mp4') }, never);
    const piece = async (from: number, seconds: number) => readFile((await handlers.sound({ view: 'v', from, seconds }, never)).file);
    const whole = await piece(0, 2);
    assert.equal(whole.length, 2 * 48_000 * 4);
    assert.ok(Buffer.concat([await piece(0, 1), await piece(1, 1)]).equals(whole));
    assert.ok((await piece(3, 5)).length < 5 * 48_000 * 4);
  });

  it('develops a part of a clip: only its frames are restored, and only they look different', () => inFolder(async (folder) => {
    const path = join(folder, 'a #1 ü.mp4');
    await copyFile(join(root, 'samples', 'clip.mp4'), path);
    await handlers.open({ view: 'v', path }, never);
    const faces = await handlers.findFaces({ view: 'v', job: 'f' }, never);
    assert.deepEqual(faces.map(({ number, first, boxes }) => [number, first, boxes.length]), [[1, 0, 60], [2, 0, 60]]);
    await handlers.develop({ path, options: { ...quick, faces: [2] }, job: 'd', device: 'cpu', range: { first: 20, last: 22 } }, never);
    assert.deepEqual(progress.flatMap(({ progress: one }) => (one.stage === 'frameDone' ? [one.frame] : [])), [20, 21, 22]);
    assert.deepEqual(await handlers.restored({ view: 'v', options: { ...quick, faces: [2] } }, never), [20, 21, 22]);
    assert.deepEqual(await handlers.restored({ view: 'v', options: quick }, never), [], 'the other face is not restored');
    const times = await handlers.index({ view: 'v' }, never);
    const shown = await handlers.frames({ view: 'v', from: times[19]!, count: 2, width: 320, height: 180, restored: { ...quick, faces: [2] } }, never);
    assert.deepEqual(shown.frames.map(({ restored }) => restored !== undefined), [false, true]);
    assert.deepEqual(await filesBelow(folder), ['a #1 ü.mp4'], 'nothing is written beside the original');

    const exported = await handlers.export({ path, options: quick, job: 'e', device: 'cpu' }, never);
    assert.equal(exported.status, 'restored');
    assert.deepEqual(exported.faces.map(({ number }) => number), [2], 'face 1 is not in it');
    assert.ok(exported.notes.includes('0 of 60 frames with faces are restored completely'), exported.notes.join('; '));
    const chosen = await handlers.export({ path, options: { ...quick, faces: [2] }, job: 'e', device: 'cpu' }, never);
    assert.ok(chosen.status === 'restored' && chosen.notes.includes('3 of 60 frames with faces are restored completely'));
  }));

  it('does not restore again what is in the store, notices damage there, and exports the chosen faces at the chosen strength', () => inFolder(async (folder) => {
    const path = join(folder, 'a.png');
    await copyFile(join(root, 'samples', 'portrait.png'), path);
    await handlers.open({ view: 'v', path }, never);
    const work = { path, options: quick, job: 'd', device: 'cpu' };
    await handlers.develop(work, never);
    const steps = () => progress.filter(({ progress: { stage } }) => stage === 'restoring').length;
    const made = steps();
    assert.ok(made > 0);
    await handlers.develop(work, never);
    assert.equal(steps(), made);
    const stores = join(cache, 'restorations');
    for (const name of await readdir(stores, { recursive: true })) if (name.endsWith('0-0.png')) await writeFile(join(stores, name), 'cut');
    rmSync(join(cache, 'trajectories'), { recursive: true });           // the face could be had from its walk
    await handlers.develop(work, never);
    assert.ok(steps() > made);

    const difference = async (options: RestoreRequest): Promise<number> => {
      const result = await handlers.export({ ...work, options }, never);
      assert.equal(result.status, 'restored');
      const [original, restored] = await Promise.all([path, result.output].map((one) => sharp(one).removeAlpha().raw().toBuffer()));
      return original!.reduce((sum, value, i) => sum + Math.abs(value - restored![i]!), 0);
    };
    const [both, one, half] = [await difference(quick), await difference({ ...quick, faces: [1] }), await difference({ ...quick, strength: 0.5 })];
    assert.ok(one > 0 && one < both);
    assert.ok(Math.abs(half / both - 0.5) < 0.05, `half strength differs ${half / both} as much`);
    assert.deepEqual((await readdir(folder)).filter((name) => name.endsWith('.png')).sort(), ['a.png', 'a.restored-2.png', 'a.restored-3.png', 'a.restored.png']);
  }));

  it('exports nothing of what is not restored', () => inFolder(async (folder) => {
    for (const name of ['portrait.png', 'clip.mp4']) {
      const path = join(folder, name);
      await copyFile(join(root, 'samples', name), path);
      const nothing = handlers.export({ path, options: { ...quick, seed: 99 }, job: 'e', device: 'cpu' }, never);
      await assert.rejects(nothing, (error) => error instanceof KernelFailure && error.kind === 'usage' && error.message.startsWith(`nothing of ${path} is restored yet`));
    }
    assert.deepEqual(await filesBelow(folder), ['clip.mp4', 'portrait.png']);
  }));

  it('ends with a view: reads that wait are refused, and a view that was closed while it was opened stays closed', async () => {
    const path = join(root, 'samples', 'clip.mp4');
    await handlers.open({ view: 'v', path }, never);
    const reads = [0, 0, 0].map((from) => handlers.frames({ view: 'v', from, count: 20, width: 160, height: 90 }, never));
    const refused = Promise.all(reads.map((read) => assert.rejects(read, (error) => error instanceof KernelFailure && error.kind === 'usage' && /is closed/.test(error.message))));
    await handlers.close({ view: 'v' }, never);
    await refused;

    const opening = handlers.open({ view: 'w', path }, never);
    const cancelled = assert.rejects(opening, (error) => error instanceof KernelFailure && error.kind === 'cancelled');
    await handlers.close({ view: 'w' }, never);
    await cancelled;
    await assert.rejects(handlers.index({ view: 'w' }, never), /no view has the name w/);

    const first = assert.rejects(handlers.open({ view: 'x', path }, never), /while it was opened/);
    assert.equal((await handlers.open({ view: 'x', path: join(root, 'samples', 'portrait.png') }, never)).kind, 'picture');
    await first;
    assert.ok((await handlers.picture({ view: 'x' }, never)).file);
  });

  it('forgets what it restored when the file changes', () => inFolder(async (folder) => {
    const path = join(folder, 'a.png');
    await copyFile(join(root, 'samples', 'portrait.png'), path);
    await handlers.open({ view: 'v', path }, never);
    await handlers.develop({ path, options: quick, job: 'd', device: 'cpu' }, never);
    assert.deepEqual(await handlers.restored({ view: 'v', options: quick }, never), [1, 2]);
    await sharp(join(root, 'samples', 'portrait.png')).flop().toFile(path);
    await handlers.open({ view: 'v', path }, never);
    assert.deepEqual(await handlers.restored({ view: 'v', options: quick }, never), []);
  }));
});
