import { strict as assert } from 'node:assert';
import { join } from 'node:path';
import { describe, it } from 'mocha';
import type { Face } from '../../kernel/faces/face.ts';
import { faceTemplate } from '../../kernel/faces/similarity.ts';
import { KernelFailure, OptionFailure } from '../../kernel/failure.ts';
import { probeClip } from '../../kernel/media/probe.ts';
import { allInGroups } from '../../kernel/pipeline/allDone.ts';
import { facesToRestore } from '../../kernel/pipeline/chosenFaces.ts';
import type { CropFinder, Engine } from '../../kernel/pipeline/engine.ts';
import { findTracks } from '../../kernel/pipeline/findTracks.ts';
import { planOf } from '../../kernel/pipeline/plan.ts';
import { restoreFaces, type FileJob } from '../../kernel/pipeline/restoreImage.ts';
import { root } from '../cli/command.ts';

const portrait = join(root, 'samples', 'portrait.png');
const view = { width: 4000, height: 4000, data: new Uint8Array(3 * 4000 * 4000) };
const never = new AbortController().signal;

/** Sees so many faces in any picture. */
function seeing(count: number): CropFinder {
  const face = (i: number): Face => {
    const [x, y] = [40 * (i % 100), 40 * Math.floor(i / 100)];
    return { box: { x, y, width: 30, height: 30 }, score: 0.9, landmarks: faceTemplate(30).map((point) => ({ x: x + point.x, y: y + point.y })) as unknown as Face['landmarks'] };
  };
  return { detector: 'builtin', afresh: true, faceSize: 16, detect: () => Promise.resolve(Array.from({ length: count }, (_, i) => face(i))) };
}

async function jobWith(signal: AbortSignal): Promise<FileJob> {
  const engine = { faceSize: 16, batchSize: 1, prepare: () => Promise.resolve(), restore: (crop: unknown) => Promise.resolve({ restored: crop }) } as unknown as Engine;
  const plan = { ...await planOf({ model: 'identity', mask: 'oval' }), numbers: { provider: 'cpu', precision: 'float32' }, earlier: [] } as const;
  return { input: portrait, outputStem: '', engine, plan, faces: 'all', strength: 1, trajectory: false, keepCrops: false, signal, onProgress: () => undefined };
}

describe('very many faces', () => {
  it('a crowd is restored and nothing said; of more a person is told before, and of too many they are refused unless they are named', async () => {
    const chosen = (count: number, choice: 'all' | 'largest' | readonly number[]) => facesToRestore(portrait, view, choice, seeing(count), never);
    const crowd = await chosen(400, 'all');
    assert.deepEqual([crowd.faces.length, crowd.notes, crowd.warning], [400, [], undefined]);
    const many = await chosen(900, 'all');
    assert.equal(many.faces.length, 900);
    assert.match(many.warning!, /^900 faces were found; .*--detector.*--faces/);
    assert.deepEqual(many.notes, [many.warning]);
    await assert.rejects(chosen(2500, 'all'), (error) => error instanceof OptionFailure && error.option === 'faces' && error.message.startsWith(`${portrait} would have 2500 faces`));
    assert.deepEqual((await chosen(2500, [2, 2400])).faces.map(({ number }) => number), [2, 2400]);
  });

  it('no frame of a clip has thousands', async () => {
    const info = await probeClip(join(root, 'samples', 'clip.mp4'));
    await assert.rejects(findTracks(info, seeing(2500), { signal: never }), (error) => error instanceof KernelFailure && error.kind === 'input' && error.message.includes('clip.mp4 would have 2500 faces in one frame'));
  });

  it('whoever interrupts is heard between two of them, although no network is waited for', async () => {
    const interrupt = new AbortController();
    const { faces } = await facesToRestore(portrait, view, 'all', seeing(1500), never);
    let done = 0;
    setTimeout(() => { interrupt.abort(new KernelFailure('cancelled', 'interrupted')); }, 5);
    const restoring = (async () => {
      for await (const { face } of restoreFaces(view, faces, await jobWith(interrupt.signal))) done = face.number;
    })();
    await assert.rejects(restoring, (error) => error instanceof KernelFailure && error.kind === 'cancelled');
    assert.ok(done < faces.length, `${done}`);
  });

  it('and so it is between groups of them in a frame', async () => {
    const interrupt = new AbortController();
    const done: number[] = [];
    setImmediate(() => { interrupt.abort(); });
    const all = Array.from({ length: 1000 }, (_, i) => i);
    const work = (one: number): Promise<number> => Promise.resolve(done.push(one));
    await assert.rejects(allInGroups(all, 8, work, interrupt.signal));
    assert.ok(done.length < all.length);
    assert.deepEqual(await allInGroups([3, 1, 2], 2, (one) => Promise.resolve(2 * one), never), [6, 2, 4]);
  });
});
