import { tensor, type Tensor } from '../tensor/tensor.ts';

/** What the restorations of one face with different seeds have in common, and where they differ. */
export interface SeedStatistics {
  /** How many there were. */
  readonly count: number;
  /** (3, H, W), in the results' own units: [-1, 1] for pictures. */
  readonly mean: Tensor;
  /** (H, W), in the same units: of the population of these results, root mean square over the channels. */
  readonly deviation: Tensor;
  /** Mean of the deviation over the crop. */
  readonly meanDeviation: number;
  /** Largest deviation. */
  readonly peak: number;
}

/** Collects mean and standard deviation of results one by one, in one pass (Welford 1962); no result is kept. */
export class SeedStatisticsRecorder {
  private readonly mean: Float64Array;
  /** Sum of squared distances from the mean, over the channels too. */
  private readonly squares: Float64Array;
  private count = 0;

  /** @param shape (3, H, W) of each result */
  constructor(private readonly shape: readonly [channels: number, height: number, width: number]) {
    const [channels, height, width] = shape;
    this.mean = new Float64Array(channels * height * width);
    this.squares = new Float64Array(height * width);
  }

  /** @param result (3, H, W), or a batch of one. @throws RangeError for another size */
  add({ data }: Tensor): void {
    const { mean, squares } = this;
    if (data.length !== mean.length) throw new RangeError(`a result of (${this.shape.join(', ')}) has ${mean.length} values, not ${data.length}`);
    this.count++;
    const pixels = squares.length;
    for (let i = 0; i < data.length; i++) {
      const before = data[i]! - mean[i]!;
      mean[i]! += before / this.count;
      squares[i % pixels]! += before * (data[i]! - mean[i]!);
    }
  }

  /** @throws RangeError before the first result */
  get statistics(): SeedStatistics {
    if (this.count === 0) throw new RangeError('no result was added');
    const [channels, height, width] = this.shape;
    const deviation = Float32Array.from(this.squares, (sum) => Math.sqrt(sum / (channels * this.count)));
    return {
      count: this.count,
      mean: tensor(Float32Array.from(this.mean), this.shape),
      deviation: tensor(deviation, [height, width]),
      meanDeviation: deviation.reduce((sum, value) => sum + value, 0) / deviation.length,
      peak: deviation.reduce((most, value) => Math.max(most, value), 0),
    };
  }
}

/** Half the width of the transition, as a share of the threshold. */
const transition = 0.5;
/** Deviation of the Gaussian the map is smoothed with, as a share of the crop's side: two pixels at 128 px, eight at 512 px. */
const smoothing = 1 / 64;

/**
 * Puts the backbone's estimate where the seeds disagree. With s the deviation, smoothed by a Gaussian of a 64th of the side so that no speckle appears,
 *
 *     u = s / above - 0.5, limited to 0 .. 1;   w = u^2 (3 - 2 u);   blended = (1 - w) result + w estimate:
 *
 * below half the threshold the result stays bit for bit, at the threshold both count the same, from one and a half of it on the estimate stands alone.
 * A threshold of Infinity gives the result; one of 0 the estimate wherever the seeds disagree at all (s > 0).
 * @param result (3, H, W), or a batch of one
 * @param estimate of the same shape and range
 * @param deviation (H, W), in the same units
 * @param above the threshold, 0 or more
 * @throws RangeError when the sizes do not belong together, or for a threshold below 0
 */
export function blendEstimate(result: Tensor, estimate: Tensor, deviation: Tensor, above: number): Tensor {
  const [height, width] = deviation.shape as [number, number];
  if (result.shape.slice(-2).join() !== deviation.shape.join() || result.data.length !== estimate.data.length) {
    throw new RangeError(`a result of (${result.shape.join(', ')}), an estimate of (${estimate.shape.join(', ')}) and a deviation of (${deviation.shape.join(', ')}) do not belong together`);
  }
  if (!(above >= 0)) throw new RangeError(`the threshold must be 0 or more, not ${above}`);
  const weights = smoothed(deviation.data, width, height, smoothing * width).map((value) => weightAt(value, above));
  const data = result.data.map((value, i) => {
    const weight = weights[i % weights.length]!;
    return weight === 0 ? value : weight === 1 ? estimate.data[i]! : value + weight * (estimate.data[i]! - value);
  });
  return tensor(data, result.shape);
}

/** The estimate's share, 0 .. 1. */
function weightAt(deviation: number, above: number): number {
  if (above === 0) return deviation > 0 ? 1 : 0;
  const u = Math.min(1, Math.max(0, (deviation / above - (1 - transition)) / (2 * transition)));
  return u * u * (3 - 2 * u);
}

/** Gaussian mean of a plane, cut off at three deviations; at the borders of what lies inside. */
function smoothed(plane: Float32Array, width: number, height: number, sigma: number): Float64Array {
  const rows = new Float64Array(plane.length);
  for (const { at, first, weights } of windows(width, sigma)) {
    for (let y = 0; y < height; y++) {
      let sum = 0;
      for (let k = 0; k < weights.length; k++) sum += weights[k]! * plane[y * width + first + k]!;
      rows[y * width + at] = sum;
    }
  }
  const both = new Float64Array(plane.length);
  for (const { at, first, weights } of windows(height, sigma)) {
    for (let k = 0; k < weights.length; k++) {
      for (let x = 0; x < width; x++) both[at * width + x]! += weights[k]! * rows[(first + k) * width + x]!;
    }
  }
  return both;
}

/** The weights of a Gaussian mean around each place of a line; they sum to 1. */
function windows(length: number, sigma: number): readonly { readonly at: number; readonly first: number; readonly weights: Float64Array }[] {
  const reach = Math.ceil(3 * sigma);
  return Array.from({ length }, (_, at) => {
    const first = Math.max(0, at - reach);
    const weights = Float64Array.from({ length: Math.min(length - 1, at + reach) - first + 1 }, (_unused, k) => Math.exp(-((first + k - at) ** 2) / (2 * sigma * sigma)));
    const sum = weights.reduce((total, weight) => total + weight, 0);
    return { at, first, weights: weights.map((weight) => weight / sum) };
  });
}
