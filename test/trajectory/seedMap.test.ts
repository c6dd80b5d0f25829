import { strict as assert } from 'node:assert';
import fc from 'fast-check';
import { describe, it } from 'mocha';
import { blendEstimate, SeedStatisticsRecorder, type SeedStatistics } from '../../kernel/trajectory/seedMap.ts';
import { tensor, type Tensor } from '../../kernel/tensor/tensor.ts';

function statisticsOf(results: readonly Tensor[]): SeedStatistics {
  const recorder = new SeedStatisticsRecorder(results[0]!.shape as [number, number, number]);
  for (const result of results) recorder.add(result);
  return recorder.statistics;
}

function filled(value: number, shape: readonly number[]): Tensor {
  return tensor(new Float32Array(shape.reduce((a, b) => a * b, 1)).fill(value), shape);
}

describe('the statistics of several seeds', () => {
  it('are mean and population deviation, root mean square over the channels', () => {
    // Pixel 0: red 1 and -1, green 0.5 twice, blue 0.25 and 0.75: variances 1, 0, 1/16. Pixel 1: the same twice.
    const { count, mean, deviation, meanDeviation, peak } = statisticsOf([tensor(Float32Array.of(1, 0.5, 0.5, 0, 0.25, -1), [3, 1, 2]), tensor(Float32Array.of(-1, 0.5, 0.5, 0, 0.75, -1), [3, 1, 2])]);
    const expected = Math.fround(Math.sqrt((1 + 1 / 16) / 3));
    assert.equal(count, 2);
    assert.deepEqual(mean, tensor(Float32Array.of(0, 0.5, 0.5, 0, 0.5, -1), [3, 1, 2]));
    assert.deepEqual(deviation, tensor(Float32Array.of(expected, 0), [1, 2]));
    assert.equal(peak, expected);
    assert.equal(meanDeviation, expected / 2);
  });

  it('are those of two passes, and do not lose small differences of large values', () => {
    const values = fc.array(fc.float({ min: -1, max: 1, noNaN: true }), { minLength: 12, maxLength: 12 });
    fc.assert(fc.property(fc.array(values, { minLength: 1, maxLength: 9 }), fc.constantFrom(0, 1000), (results, offset) => {
      const tensors = results.map((result) => tensor(Float32Array.from(result, (value) => value + offset), [3, 2, 2]));
      const { mean, deviation } = statisticsOf(tensors);
      for (let p = 0; p < 4; p++) {
        let variance = 0;
        for (let c = 0; c < 3; c++) {
          const samples = tensors.map(({ data }) => data[4 * c + p]!);
          const average = samples.reduce((sum, value) => sum + value, 0) / samples.length;
          variance += samples.reduce((sum, value) => sum + (value - average) ** 2, 0) / samples.length / 3;
          assert.ok(Math.abs(mean.data[4 * c + p]! - average) <= 1e-7 * (1 + offset));
        }
        assert.ok(Math.abs(deviation.data[p]! - Math.sqrt(variance)) < 1e-6, `${deviation.data[p]!} instead of ${Math.sqrt(variance)}`);
      }
    }));
  });

  it('of one seed have no deviation, of none there are none', () => {
    assert.deepEqual(statisticsOf([filled(0.3, [3, 2, 2])]).deviation, filled(0, [2, 2]));
    assert.throws(() => new SeedStatisticsRecorder([3, 2, 2]).statistics, RangeError);
    assert.throws(() => { new SeedStatisticsRecorder([3, 2, 2]).add(filled(0, [3, 2, 3])); }, RangeError);
  });
});

describe('blending the estimate in', () => {
  const side = 32;
  const shape = [3, side, side];
  const result = tensor(Float32Array.from({ length: 3 * side * side }, (_, i) => Math.sin(i)), shape);
  const estimate = tensor(Float32Array.from({ length: 3 * side * side }, (_, i) => Math.cos(i)), shape);
  const even = (value: number): Tensor => filled(value, [side, side]);

  it('leaves the result bit for bit when nothing deviates so much', () => {
    assert.deepEqual(blendEstimate(result, estimate, even(0.3), Infinity), result);
    assert.deepEqual(blendEstimate(result, estimate, even(0.3), 0.601), result);
    assert.deepEqual(blendEstimate(result, estimate, even(0), 0), result);
  });

  it('gives the estimate bit for bit where all deviates more', () => {
    assert.deepEqual(blendEstimate(result, estimate, even(0.3), 0.199), estimate);
    assert.deepEqual(blendEstimate(result, estimate, even(1e-6), 0), estimate);
  });

  it('takes half of both at the threshold, and a smoothstep around it', () => {
    // u = s / above - 0.5; at s = 3/4 above it is 1/4, w = 5/32
    for (const [deviation, weight] of [[0.25, 0.5], [0.1875, 5 / 32], [0.3125, 27 / 32]] as const) {
      const { data } = blendEstimate(result, estimate, even(deviation), 0.25);
      for (const [i, value] of data.entries()) assert.ok(Math.abs(value - ((1 - weight) * result.data[i]! + weight * estimate.data[i]!)) < 1e-6);
    }
  });

  it('follows the deviation over the picture without a hard edge, and not a single pixel', () => {
    const size = 128;
    const [black, white] = [filled(-1, [3, size, size]), filled(1, [3, size, size])];
    const right = tensor(Float32Array.from({ length: size * size }, (_, i) => (i % size < size / 2 ? 0 : 0.4)), [size, size]);
    const row = blendEstimate(black, white, right, 0.2).data.subarray(64 * size, 65 * size);
    assert.deepEqual([row[0], row[59], row[68], row[127]], [-1, -1, 1, 1]);
    for (let x = 1; x < size; x++) assert.ok(row[x]! >= row[x - 1]! && row[x]! - row[x - 1]! < 1.2);
    const speckle = tensor(new Float32Array(size * size), [size, size]);
    speckle.data[64 * size + 64] = 0.8;
    assert.deepEqual(blendEstimate(black, white, speckle, 0.2), black);
  });

  it('refuses what does not belong together', () => {
    assert.throws(() => blendEstimate(result, estimate, filled(0, [side, side + 1]), 1), RangeError);
    assert.throws(() => blendEstimate(result, filled(0, [3, 2, 2]), even(0), 1), RangeError);
    for (const threshold of [-0.1, NaN]) assert.throws(() => blendEstimate(result, estimate, even(0), threshold), RangeError);
  });
});
