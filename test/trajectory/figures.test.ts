import { strict as assert } from 'node:assert';
import { describe, it } from 'mocha';
import { WalkFiguresRecorder } from '../../kernel/trajectory/figures.ts';
import type { WalkFigures } from '../../kernel/trajectory/walkTypes.ts';
import { tensor, type Tensor } from '../../kernel/tensor/tensor.ts';

const side = 64;

/** A grey picture of a wave. */
function wave(period: number, amplitude: number, level = 0): Tensor {
  return tensor(Float32Array.from({ length: 3 * side * side }, (_, i) => level + amplitude * Math.cos((2 * Math.PI * (i % side)) / period)), [3, side, side]);
}

async function figuresOf(estimate: Tensor, predictions: ReadonlyMap<number, Tensor>, result: Tensor): Promise<WalkFigures> {
  const recorder = new WalkFiguresRecorder(estimate);
  for (const [order, predX0] of predictions) recorder.add(order, predX0);
  return recorder.finish(result, (order) => Promise.resolve(predictions.get(order)!));
}

function close(actual: readonly (number | null)[], expected: readonly (number | null)[], tolerance = 1e-6): void {
  assert.equal(actual.length, expected.length);
  for (const [i, value] of expected.entries()) {
    if (value === null) assert.equal(actual[i], null);
    else assert.ok(Math.abs(actual[i]! - value) < tolerance, `${actual.join()} instead of ${expected.join()}`);
  }
}

describe('the figures of a walk', () => {
  const predictions = new Map([[0, wave(16, 0, 0.5)], [4, wave(16, 0.2, 0.5)], [8, wave(16, 0.2, 0.1)]]);

  it('are root mean square distances to the step before, the estimate and the result', async () => {
    const half = 0.2 / Math.SQRT2;                                     // of a wave
    const figures = await figuresOf(wave(16, 0, 0.2), predictions, wave(16, 0.2, 0));
    close(figures.change, [null, half, 0.4]);
    close(figures.toEstimate, [0.3, Math.hypot(half, 0.3), Math.hypot(half, 0.1)]);
    close(figures.toResult, [Math.hypot(half, 0.5), 0.5, 0.1]);
    close([figures.departure], [Math.hypot(half, 0.2)]);
  });

  it('tell the power of the luma of 8 bit in each band at each step', async () => {
    const sharp = new Map([[0, wave(32, 0.2)], [1, wave(6, 0.1)]]);
    const { bands, power } = await figuresOf(wave(16, 0), sharp, wave(16, 0));
    assert.deepEqual(bands, [{ from: 16, to: null }, { from: 8, to: 16 }, { from: 4, to: 8 }, { from: 0, to: 4 }]);
    assert.deepEqual(power.map(({ length }) => length), [2, 2, 2, 2]);
    const expected = [(0.2 * 127.5) ** 2 / 2, (0.1 * 127.5) ** 2 / 2];
    assert.ok(Math.abs(power[0]![0]! - expected[0]!) < 0.05 * expected[0]! && power[2]![0]! < 0.01, power.join(' '));
    assert.ok(Math.abs(power[2]![1]! - expected[1]!) < 0.05 * expected[1]! && power[0]![1]! < 0.01, power.join(' '));
  });

  it('weigh the colours as luma does', async () => {
    const [red, green, blue] = [0, 1, 2].map((channel) => tensor(wave(6, 0.4).data.map((value, i) => (Math.floor(i / (side * side)) === channel ? value : 0)), [3, side, side])) as [Tensor, Tensor, Tensor];
    const { power } = await figuresOf(wave(16, 0), new Map([[0, red], [1, green], [2, blue], [3, wave(6, 0.4)]]), wave(16, 0));
    const [r, g, b, all] = power[2]! as [number, number, number, number];
    close([r / all, g / all, b / all], [0.299 ** 2, 0.587 ** 2, 0.114 ** 2]);
  });

  it('take batches of one, and refuse other sizes', async () => {
    const batch = ({ data }: Tensor): Tensor => tensor(data, [1, 3, side, side]);
    const of = (change: (tensor: Tensor) => Tensor): Promise<WalkFigures> => figuresOf(change(wave(16, 0)), new Map([...predictions].map(([order, value]) => [order, change(value)])), change(wave(9, 0.3)));
    assert.deepEqual(await of(batch), await of((same) => same));
    assert.throws(() => { new WalkFiguresRecorder(wave(16, 0)).add(0, tensor(new Float32Array(12), [3, 2, 2])); }, RangeError);
  });
});
