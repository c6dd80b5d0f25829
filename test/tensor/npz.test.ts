import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { toFloat16 } from '../../kernel/tensor/float16.ts';
import { npyBytes, npyHeader, parseNpy, toTensor } from '../../kernel/tensor/npy.ts';
import { writeNpz, type NpzArray } from '../../kernel/tensor/npz.ts';
import { tensor } from '../../kernel/tensor/tensor.ts';
import { hasNumpy, readNpz } from './readNpz.ts';

const run = promisify(execFile);

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'difface-npz-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const arrays = (): readonly NpzArray[] => [
  { name: 'states', dtype: '<f4', shape: [3, 2, 2], parts: [0, 1, 2].map((i) => Float32Array.of(i, i + 0.25, -1 - i, 1e-7)) },
  { name: 'half', dtype: '<f2', shape: [3], parts: [toFloat16(Float32Array.of(0.5, -2, 65504))] },
  { name: 't', dtype: '<f8', shape: [2], parts: [Float64Array.of(396, 1 / 3)] },
  { name: 'order', dtype: '<i8', shape: [2], parts: [BigInt64Array.of(0n, 99n)] },
  { name: 'none', dtype: '<f4', shape: [0, 3], parts: [] },
];

describe('a .npz file', () => {
  it('holds its arrays with name, dtype and shape', async () => {
    const path = join(folder, 'a.npz');
    await writeNpz(path, arrays());
    const read = await readNpz(path);
    assert.deepEqual([...read.keys()], ['states', 'half', 't', 'order', 'none']);
    assert.deepEqual(read.get('states'), { dtype: '<f4', shape: [3, 2, 2], data: Float32Array.of(0, 0.25, -1, 1e-7, 1, 1.25, -2, 1e-7, 2, 2.25, -3, 1e-7) });
    assert.deepEqual(read.get('half'), { dtype: '<f2', shape: [3], data: Float32Array.of(0.5, -2, 65504) });
    assert.deepEqual(read.get('t')!.data, Float64Array.of(396, 1 / 3));
    assert.deepEqual(read.get('order')!.data, BigInt64Array.of(0n, 99n));
    assert.deepEqual(read.get('none')!.shape, [0, 3]);
  });

  it('opens in NumPy', async function () {
    if (!(await hasNumpy())) {
      this.skip();                                                     // python3 with numpy is not installed here
    }
    const path = join(folder, 'a.npz');
    await writeNpz(path, arrays());
    const { stdout } = await run('python3', ['-c', 'import numpy, sys; a = numpy.load(sys.argv[1]); print({k: (a[k].dtype.str, a[k].shape, a[k].ravel().tolist()[-1:]) for k in a})', path]);
    assert.equal(stdout.trim(), "{'states': ('<f4', (3, 2, 2), [1.0000000116860974e-07]), 'half': ('<f2', (3,), [65504.0]), 't': ('<f8', (2,), [0.3333333333333333]), 'order': ('<i8', (2,), [99]), 'none': ('<f4', (0, 3), [])}");
  });

  it('is the same file whenever it is written', async () => {
    const path = join(folder, 'a.npz');
    await writeNpz(path, arrays());
    assert.equal((await readFile(path)).readUInt32LE(10), 0x0021_0000, 'midnight of 1 January 1980, in the format of MS-DOS');
  });

  it('asks for a part when the ones before are on the disk, but for the few on the way', async () => {
    const path = join(folder, 'a.npz');
    const size = 1 << 20;
    const part = async (index: number): Promise<Uint8Array> => {
      const there = await stat(path).then((found) => found.size, () => 0);  // the first is asked for before the file is there
      const waiting = index - there / size;
      assert.ok(waiting < 16, `${waiting} parts are in memory`);
      return new Uint8Array(size);
    };
    const parts = function* (): Generator<Promise<Uint8Array>> {
      for (let i = 0; i < 48; i++) yield part(i);
    };
    await writeNpz(path, [{ name: 'a', dtype: '|u1', shape: [48, size], parts: parts() }]);
  });

  it('is refused when the parts do not fill the shape', async () => {
    const short: NpzArray = { name: 'a', dtype: '<f4', shape: [3], parts: [new Float32Array(2)] };
    await assert.rejects(writeNpz(join(folder, 'short.npz'), [short]), /needs 12 bytes, not 8/);
    await assert.rejects(writeNpz(join(folder, 'long.npz'), [{ ...short, parts: [new Float32Array(2), new Float32Array(2)] }]), /needs 12 bytes, not 16 or more/);
  });

  it('passes on why a part cannot be had, where it cannot be written, and that it was stopped', async () => {
    const failing = function* (): Generator<Float32Array | Promise<Float32Array>> {
      yield new Float32Array(1);
      yield Promise.reject(new Error('the store is damaged'));
    };
    const array: NpzArray = { name: 'a', dtype: '<f4', shape: [2], parts: failing() };
    await assert.rejects(writeNpz(join(folder, 'a.npz'), [array]), /the store is damaged/);
    await writeFile(join(folder, 'taken.npz'), 'mine');
    await assert.rejects(writeNpz(join(folder, 'taken.npz'), arrays()), { code: 'EEXIST' });
    assert.equal(await readFile(join(folder, 'taken.npz'), 'utf8'), 'mine');
    await assert.rejects(writeNpz(join(folder, 'b.npz'), arrays(), AbortSignal.abort(new Error('enough'))), /enough/);
  });
});

describe('a .npy file', () => {
  it('of a tensor is read back', () => {
    for (const shape of [[], [6], [2, 3], [1, 2, 3, 1]]) {
      const values = tensor(Float32Array.from({ length: shape.length === 0 ? 1 : 6 }, (_, i) => i / 3), shape);
      assert.deepEqual(toTensor(parseNpy(npyBytes(values))), values);
    }
  });

  it('has a header of whole 64 bytes, as the format wants it', () => {
    for (let extent = 1; extent < 1e9; extent *= 7) assert.equal(npyHeader('<i4', [extent, 3, extent]).length % 64, 0);
  });

  it('of halves is read as what they are worth', () => {
    const bytes = Buffer.concat([npyHeader('<f2', [2, 2]), new Uint8Array(toFloat16(Float32Array.of(1, -0.25, 1 / 3, Infinity)).buffer)]);
    const { dtype, shape, data } = parseNpy(bytes);
    assert.deepEqual([dtype, shape, data], ['<f2', [2, 2], Float32Array.of(1, -0.25, 0.333251953125, Infinity)]);
    assert.throws(() => parseNpy(bytes.subarray(0, bytes.length - 1)), /8 bytes of data are announced and 7 are there/);
  });
});
