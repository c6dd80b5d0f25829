import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'mocha';
import { openSession } from '../../kernel/inference/session.ts';
import { Graph } from '../../kernel/nn/graph.ts';
import { GroupNorm } from '../../kernel/nn/layers.ts';
import { tensor, type Tensor } from '../../kernel/tensor/tensor.ts';

const [batch, groups, channels, height, width] = [2, 4, 12, 24, 40];
const pixels = height * width;
const gains = Float32Array.from({ length: channels }, (_, c) => 0.5 + c / channels);
const offsets = Float32Array.from({ length: channels }, (_, c) => c / 3 - 2);

/** By its definition in doubles: (x - mean) / sqrt(variance + 1e-5), then gain and offset of the channel. */
function expected(x: Float32Array, scale: Float32Array, shift: Float32Array): Float64Array {
  const each = (channels / groups) * pixels;
  const result = new Float64Array(x.length);
  for (let start = 0; start < x.length; start += each) {
    const values = x.subarray(start, start + each);
    const mean = values.reduce((sum, value) => sum + value, 0) / each;
    const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / each;
    for (const [i, value] of values.entries()) {
      const at = Math.floor((start + i) / pixels);                     // picture and channel
      const channel = at % channels;
      result[start + i] = ((value - mean) / Math.sqrt(variance + 1e-5) * gains[channel]! + offsets[channel]!) * (1 + scale[at]!) + shift[at]!;
    }
  }
  return result;
}

function largest(found: Tensor, wanted: Float64Array): number {
  return wanted.reduce((most, value, i) => Math.max(most, Math.abs(value - found.data[i]!)), 0);
}

describe('group normalisation in float32', () => {
  let folder: string;
  let normalise: (x: Float32Array, scale: Float32Array, shift: Float32Array) => Promise<{ readonly plain: Tensor; readonly modulated: Tensor }>;
  let close: () => Promise<void>;

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'difface-norm-'));
    const graph = new Graph('norm');
    const norm = new GroupNorm(groups, channels);
    norm.bind();
    const x = graph.input('x', { dtype: 'float32', shape: [batch, channels, height, width] });
    const [scale, shift] = ['scale', 'shift'].map((name) => graph.input(name, { dtype: 'float32', shape: [batch, channels] }));
    graph.output('plain', norm.forward(x));
    graph.output('modulated', norm.modulated(x, scale!, shift!));
    const places = new Map(graph.weights.map(({ name }, i) => [name, { location: 'weights.bin', offset: 4 * channels * i, length: 4 * channels }]));
    await writeFile(join(folder, 'weights.bin'), Buffer.concat(graph.weights.map((weight) => Buffer.from(weight.compute([weight.name.endsWith('weight') ? gains : offsets]).buffer))));
    await writeFile(join(folder, 'model.onnx'), graph.encode(({ name }) => places.get(name)!));
    const session = await openSession(join(folder, 'model.onnx'), { provider: 'cpu', threads: 2 });
    close = () => session.release();
    normalise = async (values, scales, shifts) => {
      const out = await session.run({ x: tensor(values, [batch, channels, height, width]), scale: tensor(scales, [batch, channels]), shift: tensor(shifts, [batch, channels]) });
      return { plain: out['plain']!, modulated: out['modulated']! };
    };
  });
  after(async () => {
    await close();
    await rm(folder, { recursive: true });
  });

  /** Values that differ from picture to picture and from group to group; `around` shifts all of them. */
  const picture = (around: number): Float32Array => Float32Array.from({ length: batch * channels * pixels }, (_, i) => around + (1 + (Math.floor(i / pixels) % 5)) * Math.sin(i * i * 0.37));
  const none = new Float32Array(batch * channels);

  it('is that of the definition, and modulation scales and shifts each picture by its own', async () => {
    const x = picture(0);
    const scale = none.map((_, i) => Math.sin(i));
    const shift = none.map((_, i) => Math.cos(i));
    const { plain, modulated } = await normalise(x, scale, shift);
    assert.ok(largest(plain, expected(x, none, none)) < 5e-6);
    assert.ok(largest(modulated, expected(x, scale, shift)) < 1e-5);
  });

  it('holds where the mean is many times the deviation', async () => {
    const x = picture(30);
    const { plain } = await normalise(x, none, none);
    assert.ok(largest(plain, expected(x, none, none)) < 1e-3, `${largest(plain, expected(x, none, none))}`);
  });

  it('of a picture of one value is the offset, whatever rounding leaves of the variance', async () => {
    const x = new Float32Array(batch * channels * pixels).fill(123.456);
    const { plain } = await normalise(x, none, none);
    assert.ok(largest(plain, expected(x, none, none)) < 0.1, `${largest(plain, expected(x, none, none))}`);
  });
});
