import { strict as assert } from 'node:assert';
import { execFile } from 'node:child_process';
import { chmod, mkdir, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, it } from 'mocha';
import sharp from 'sharp';
import type { Denoiser } from '../../kernel/diffusion/denoiser.ts';
import { KernelFailure } from '../../kernel/failure.ts';
import { encodeFrames } from '../../kernel/media/encodeFrames.ts';
import { findProgram } from '../../kernel/media/ffmpeg.ts';
import { toTensor } from '../../kernel/tensor/npy.ts';
import type { RgbImage } from '../../kernel/tensor/rgbImage.ts';
import { exportGrid, exportWalk } from '../../kernel/trajectory/exportWalk.ts';
import type { StoredWalk } from '../../kernel/trajectory/storedWalk.ts';
import { sheet, stateToRgb, strip } from '../../kernel/trajectory/strip.ts';
import type { StateKind, WalkInfo } from '../../kernel/trajectory/walkTypes.ts';
import { hasNumpy, readNpz } from '../tensor/readNpz.ts';
import { gaussianDenoiser } from '../diffusion/gaussianDenoiser.ts';
import { memoryWalk } from './memoryWalk.ts';

const run = promisify(execFile);
const { signal } = new AbortController();

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'difface-walk-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** Codec, size, number of frames and duration of a clip, as ffprobe counts them. */
async function probe(path: string): Promise<readonly [codec: string, width: number, height: number, frames: number, seconds: number]> {
  const { stdout } = await run(await findProgram('ffprobe'), ['-v', 'error', '-count_frames', '-show_entries', 'stream=codec_name,width,height,nb_read_frames:format=duration', '-of', 'json', path]);
  const { streams, format } = JSON.parse(stdout) as { streams: readonly [{ codec_name: string; width: number; height: number; nb_read_frames: string }]; format: { duration: string } };
  return [streams[0].codec_name, streams[0].width, streams[0].height, Number(streams[0].nb_read_frames), Number(format.duration)];
}

/** One frame of a clip as it is shown. */
async function frameOf(path: string, index: number): Promise<Buffer> {
  const { stdout } = await run(await findProgram('ffmpeg'), ['-v', 'error', '-i', path, '-vf', `select=eq(n\\,${index})`, '-frames:v', '1', '-f', 'rawvideo', '-pix_fmt', 'rgb24', '-'], { encoding: 'buffer', maxBuffer: 1 << 26 });
  return stdout;
}

/** Largest deviation from the two equations of DDIM, in float32 as NumPy would have it. */
async function largestResidual(path: string): Promise<{ readonly predX0: number; readonly next: number }> {
  const arrays = await readNpz(path);
  const of = (name: string): Float32Array => toTensor(arrays.get(name)!).data;
  const [xT, predX0, predEps, result, t, noise] = [of('x_t'), of('predX0'), of('predEps'), of('result'), of('t'), arrays.has('noise') ? of('noise') : undefined];
  const [alphaBar, alphaBarPrev, sigma] = ['alphaBar', 'alphaBarPrev', 'sigma'].map((name) => arrays.get(name)!.data as Float64Array) as [Float64Array, Float64Array, Float64Array];
  const largest = { predX0: 0, next: 0 };
  for (let k = 0; k < t.length; k++) {
    const next = k + 1 < t.length ? xT.subarray((k + 1) * result.length, (k + 2) * result.length) : result;
    for (let i = 0, at = k * result.length; i < result.length; i++, at++) {
      const x0 = Math.min(1, Math.max(-1, Math.sqrt(1 / alphaBar[k]!) * xT[at]! - Math.sqrt(1 / alphaBar[k]! - 1) * predEps[at]!));
      largest.predX0 = Math.max(largest.predX0, Math.abs(x0 - predX0[at]!));
      const x = Math.sqrt(alphaBarPrev[k]!) * predX0[at]! + Math.sqrt(Math.max(0, 1 - alphaBarPrev[k]! - sigma[k]! ** 2)) * predEps[at]! + sigma[k]! * (noise?.[at] ?? 0);
      largest.next = Math.max(largest.next, Math.abs(x - next[i]!));
    }
  }
  return largest;
}

/** Largest deviation from the equation of DDPM. */
async function ddpmResidual(path: string): Promise<number> {
  const arrays = await readNpz(path);
  const of = (name: string): Float32Array => toTensor(arrays.get(name)!).data;
  const [xT, predX0, sigma, noise, result] = [of('x_t'), of('predX0'), of('sigma'), of('noise'), of('result')];
  const [alphaBar, alphaBarPrev] = ['alphaBar', 'alphaBarPrev'].map((name) => arrays.get(name)!.data as Float64Array) as [Float64Array, Float64Array];
  let largest = 0;
  for (const [k, to] of alphaBarPrev.entries()) {
    const [from, ratio] = [alphaBar[k]!, alphaBar[k]! / to];
    const next = k + 1 < alphaBar.length ? xT.subarray((k + 1) * result.length) : result;
    for (let i = 0, at = k * result.length; i < result.length; i++, at++) {
      const mean = (Math.sqrt(to) * (1 - ratio) * predX0[at]! + Math.sqrt(ratio) * (1 - to) * xT[at]!) / (1 - from);
      largest = Math.max(largest, Math.abs(mean + sigma[at]! * noise[at]! - next[i]!));
    }
  }
  return largest;
}

/** The same in NumPy. */
const inNumpy = `
import numpy, sys
z = numpy.load(sys.argv[1])
a, p, s = (z[k].astype('float32')[:, None, None, None] for k in ('alphaBar', 'alphaBarPrev', 'sigma'))
x, x0, eps = z['x_t'], z['predX0'], z['predEps']
noise = z['noise'] if 'noise' in z else numpy.zeros_like(x)
one = numpy.abs(numpy.clip(numpy.sqrt(1 / a) * x - numpy.sqrt(1 / a - 1) * eps, -1, 1) - x0).max()
two = numpy.abs(numpy.sqrt(p) * x0 + numpy.sqrt(numpy.maximum(0, 1 - p - s * s)) * eps + s * noise - numpy.concatenate([x[1:], z['result'][None]])).max()
assert x.dtype == one.dtype == two.dtype == 'float32', (x.dtype, one.dtype, two.dtype)
print(one < 1e-5 and two < 1e-5, one, two)
`;

describe('the states of a walk as .npz', () => {
  for (const eta of [0, 0.6]) {
    it(`satisfy the equations of DDIM with eta ${eta} from step to step to 1e-5`, async function () {
      const written = await exportWalk(await memoryWalk(32, 'ddim', { eta, steps: 40 }), join(folder, 'walk'), ['npz'], {}, signal);
      const path = join(written, 'states.npz');
      assert.equal((await readNpz(path)).has('noise'), eta > 0);
      const { predX0, next } = await largestResidual(path);
      assert.ok(predX0 < 1e-5 && next < 1e-5, `${predX0} ${next}`);
      if (!(await hasNumpy())) {
        this.skip();                                                   // python3 with numpy is not installed here; all else was checked
      }
      const { stdout } = await run('python3', ['-c', inNumpy, path]);
      assert.match(stdout, /^True/);
    });
  }

  for (const whose of ['posterior', 'network'] as const) {
    it(`satisfy the equation of DDPM with the ${whose}'s variance from step to step to 1e-5`, async () => {
      const gaussian = gaussianDenoiser(0.1, 0.4);
      // what the network says differs from pixel to pixel, over all it may say
      const learned: Denoiser = async (x, t) => ({ ...(await gaussian(x, t)), variance: { data: x.data.map((_, i) => Math.sin(i + t)), shape: x.shape } });
      const written = await exportWalk(await memoryWalk(32, 'ddpm', { steps: 40, ...(whose === 'network' ? { denoise: learned } : {}) }), join(folder, 'walk'), ['npz'], {}, signal);
      const residual = await ddpmResidual(join(written, 'states.npz'));
      assert.ok(residual < 1e-5, `${residual}`);
    });
  }

  it('have names, shapes and kinds of numbers that NumPy opens, and are the kept ones', async () => {
    const walk = await memoryWalk(16, 'ddpm', { steps: 12, nth: 5 });
    const arrays = await readNpz(join(await exportWalk(walk, join(folder, 'walk'), ['npz'], {}, signal), 'states.npz'));
    const state = ['<f4', [4, 3, 16, 16]];
    const [number, single] = [['<f8', [4]], ['<f4', [3, 16, 16]]];
    assert.deepEqual(Object.fromEntries([...arrays].map(([name, { dtype, shape }]) => [name, [dtype, shape]])), {
      x_t: state, predX0: state, predEps: state, noise: state, t: number, alphaBar: number, alphaBarPrev: number, sigma: state, order: ['<i8', [4]], input: single, estimate: single, result: single,
    });
    assert.deepEqual(arrays.get('order')!.data, BigInt64Array.of(0n, 5n, 10n, 11n));
    assert.deepEqual(arrays.get('t')!.data, Float64Array.from([0, 5, 10, 11], (order) => walk.info.steps[order]!.t));
    const noise = toTensor(arrays.get('noise')!).data;
    assert.deepEqual(noise.subarray(768, 1536), walk.noise(5)!.data);
    assert.ok(noise.subarray(3 * 768).every((value) => value === 0), 'the last step draws none');
    for (const [name, kind, order] of [['estimate', 'estimate', 0], ['input', 'input', 0], ['result', 'xT', 12]] as const) assert.deepEqual(toTensor(arrays.get(name)!), await walk.read(kind, order));
  });
});

describe('a walk as pictures', () => {
  it('is a strip: above input, x_t and x_0, below estimate, predX0 and result', async () => {
    const walk = await memoryWalk(48, 'ddim', { steps: 3 });
    const { width, height, data } = await strip(walk);
    assert.equal(width, 5 * 52 - 4);
    const [above, below] = [height - 2 * 48 - 4, height - 48];
    assert.equal(above, 9, 'room for the digits');
    const columns = [['input', 'estimate', 0], ['xT', 'predX0', 0], ['xT', 'predX0', 1], ['xT', 'predX0', 2], ['xT', 'xT', 3]] as const;
    for (const [column, [upper, lower, order]] of columns.entries()) {
      const cells: readonly (readonly [StateKind, number])[] = [[upper, above], [lower, below]];
      for (const [kind, top] of cells) {
        const expected = stateToRgb(await walk.read(kind, order));
        for (let y = 0; y < 48; y++) {
          const at = 3 * ((top + y) * width + column * 52);
          assert.deepEqual(data.subarray(at, at + 144), expected.data.subarray(144 * y, 144 * (y + 1)), `${kind} ${order}`);
        }
      }
    }
    const dark = (column: number): boolean => Array.from({ length: 5 }, (_, y) => data.subarray(3 * (y * width + column * 52), 3 * (y * width + column * 52 + 48))).some((row) => row.includes(0));
    assert.deepEqual([0, 1, 2, 3, 4].map(dark), [false, true, true, true, false], 'steps say their t');
  });

  it('goes on in further rows when it is long, and is never too wide', async () => {
    const walk = await memoryWalk(128, 'ddim', { steps: 100 });
    const { width, height } = await strip(walk);
    assert.ok(width <= 8000 && width > 51 * 128, `${width}`);
    assert.ok(height > 4 * 128 && height < 5 * 128, `${height}`);
  });

  it('is a grid: rows of frames, columns of steps', async () => {
    const walks = await Promise.all([0, 0.3, 0.9].map((eta) => memoryWalk(32, 'ddim', { steps: 3, eta })));
    const path = await exportGrid(walks, [7, 8, 120], join(folder, 'grid.png'), signal);
    const { data, info } = await sharp(path).raw().toBuffer({ resolveWithObject: true });
    const [beside, above] = [15, 9];
    assert.deepEqual([info.width, info.height], [beside + 4 * 36 - 4, above + 3 * 36 - 4]);
    for (const [row, walk] of walks.entries()) {
      for (const column of [0, 1, 2, 3]) {
        const expected = stateToRgb(await walk.read(column < 3 ? 'predX0' : 'xT', column));
        const at = 3 * ((above + row * 36 + 5) * info.width + beside + column * 36);
        assert.deepEqual(new Uint8Array(data.subarray(at, at + 96)), expected.data.subarray(5 * 96, 6 * 96));
      }
    }
    await assert.rejects(exportGrid([walks[0]!, await memoryWalk(32, 'ddim', { steps: 4 })], [0, 1], join(folder, 'b.png'), signal), RangeError);
    assert.deepEqual(await readdir(folder), ['grid.png']);
  });

  it('lie in a sheet without a gap unless there is to be one', () => {
    const grey = (value: number): RgbImage => ({ width: 1, height: 1, data: new Uint8Array(3).fill(value) });
    assert.deepEqual([...sheet([[grey(1), grey(2)], [grey(3)]]).data], [1, 1, 1, 2, 2, 2, 3, 3, 3, 255, 255, 255]);
    assert.deepEqual([...sheet([[grey(1), grey(2)]], 1).data], [1, 1, 1, 255, 255, 255, 2, 2, 2]);
  });
});

describe('a walk as a clip', () => {
  it('is WebM and GIF of every state, small faces enlarged, the last frame held', async () => {
    const walk = await memoryWalk(48, 'ddim', { steps: 12 });
    const written = await exportWalk(walk, join(folder, 'walk'), ['webm', 'gif'], {}, signal);
    // 14 pictures of 100 x 48 px, six times enlarged, four a second, and a second more of the last
    const [webm, gif] = [await probe(join(written, 'walk.webm')), await probe(join(written, 'walk.gif'))];
    assert.deepEqual(webm.slice(0, 4), ['vp9', 600, 288, 17]);
    assert.deepEqual(gif.slice(0, 4), ['gif', 600, 288, 14]);
    assert.ok(Math.abs(webm[4] - 17 / 4) < 0.05 && Math.abs(gif[4] - (13 / 4 + 1)) < 0.3, `${webm[4]} ${gif[4]}`);
    const last = sheet([[stateToRgb(await walk.read('xT', 12)), stateToRgb(await walk.read('xT', 12))]], 4);
    for (const [name, index] of [['walk.webm', 16], ['walk.gif', 13]] as const) {
      const shown = await frameOf(join(written, name), index);
      // Means of the 6 x 6 px that one became: a GIF mixes colours of dots.
      const means = new Float64Array(last.data.length);
      for (const [i, value] of shown.entries()) {
        const [x, y] = [Math.floor(i / 3) % 600, Math.floor(i / 1800)];
        means[300 * Math.floor(y / 6) + 3 * Math.floor(x / 6) + (i % 3)]! += value / 36;
      }
      const error = means.reduce((sum, mean, i) => sum + Math.abs(mean - last.data[i]!), 0) / means.length;
      assert.ok(error < 4, `${name} differs by ${error}`);
    }
  });

  it('cannot be made without the encoder, and of frames of several sizes', async () => {
    const frames = async function* (...sides: readonly number[]): AsyncGenerator<RgbImage> {
      for (const side of sides) yield await Promise.resolve({ width: side, height: side, data: new Uint8Array(3 * side * side) });
    };
    const wanted = join(folder, 'a.gif');
    await assert.rejects(encodeFrames(wanted, frames(8, 9), { frameRate: 5, signal }), /9x9 px came after one of 8x8/);
    await assert.rejects(encodeFrames(wanted, frames(), { frameRate: 5, signal }), RangeError);
    await assert.rejects(encodeFrames(wanted, frames(8), { frameRate: 5, signal: AbortSignal.abort(new Error('enough')) }), /enough/);
    const before = process.env['DIFFACE_FFMPEG'];
    process.env['DIFFACE_FFMPEG'] = '/nowhere/ffmpeg';
    try {
      await assert.rejects(encodeFrames(wanted, frames(8), { frameRate: 5, signal }), (error) => error instanceof KernelFailure && error.kind === 'dependency');
    } finally {
      if (before === undefined) delete process.env['DIFFACE_FFMPEG'];
      else process.env['DIFFACE_FFMPEG'] = before;
    }
    assert.deepEqual(await readdir(folder), []);
  });
});

describe('exporting a walk', () => {
  it('always tells the parameters, the steps and the figures', async () => {
    const walk = await memoryWalk(32, 'ddim', { steps: 5, eta: 0.5 });
    const written = await exportWalk(walk, join(folder, 'walk'), [], { model: 'sample', face: 1 }, signal);
    assert.deepEqual(await readdir(written), ['parameters.json']);
    const told = JSON.parse(await readFile(join(written, 'parameters.json'), 'utf8')) as Partial<WalkInfo> & { readonly parameters: object };
    assert.deepEqual(told.parameters, { model: 'sample', face: 1 });
    for (const key of ['steps', 'kept', 'start', 'figures', 'size', 'precision'] as const) assert.deepEqual(told[key], walk.info[key]);
  });

  it('takes the next free name, counts the states, and leaves nothing but the folder', async () => {
    const walk = await memoryWalk(16, 'ddim', { steps: 4 });
    const wanted = join(folder, 'deeper', 'face 1.5');
    const told: string[] = [];
    assert.equal(await exportWalk(walk, wanted, ['npz', 'png', 'npz'], {}, signal, (done, total) => told.push(`${done}/${total}`)), wanted);
    assert.deepEqual(told, Array.from({ length: 26 }, (_, i) => `${i + 1}/26`));
    assert.equal(await exportWalk(walk, wanted, [], {}, signal), `${wanted}-2`);
    assert.deepEqual(await readdir(join(folder, 'deeper')), ['face 1.5', 'face 1.5-2']);
    assert.deepEqual(await readdir(wanted), ['parameters.json', 'states.npz', 'strip.png']);
  });

  it('that fails or is stopped leaves nothing behind', async () => {
    const walk = await memoryWalk(16, 'ddim', { steps: 4 });
    const damaged: StoredWalk = { ...walk, read: (kind, order) => (kind === 'predEps' && order === 2 ? Promise.reject(new KernelFailure('input', 'the state is damaged')) : walk.read(kind, order)) };
    await assert.rejects(exportWalk(damaged, join(folder, 'a'), ['png', 'npz'], {}, signal), /the state is damaged/);
    for (const format of ['npz', 'png', 'webm', 'gif'] as const) {
      const stopping = new AbortController();
      const run = exportWalk(walk, join(folder, 'a'), [format], {}, stopping.signal, (done) => { if (done === 4) stopping.abort(new KernelFailure('cancelled', 'enough')); });
      await assert.rejects(run, /enough/, format);
    }
    assert.deepEqual(await readdir(folder), []);
  });

  it('is refused in words where it cannot be written', async function () {
    const walk = await memoryWalk(16, 'ddim', { steps: 2 });
    const refused = (path: string): Promise<void> => assert.rejects(exportWalk(walk, path, ['npz'], {}, signal), (error) => error instanceof KernelFailure && error.kind === 'output');
    await refused(join(folder, 'n'.repeat(300)));
    if (process.getuid?.() === 0) this.skip();                         // root may write everywhere
    await mkdir(join(folder, 'closed'));
    await chmod(join(folder, 'closed'), 0o500);
    await refused(join(folder, 'closed', 'walk'));
  });
});
