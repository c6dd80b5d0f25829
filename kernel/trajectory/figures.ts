import { bandPower, octaveBands } from '../metrics/bandPower.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { distance, lumaPlane } from './stateMeasures.ts';
import type { Band, WalkFigures } from './walkTypes.ts';

/**
 * Computes the curves of a walk while it is walked. Of the predictions only the last is kept; for the distances to the result, which is known at the end,
 * they are asked for once more.
 *
 * Yue and Loy 2024, section 3, have the estimate's error shrunk by sqrt(alphaBar_N) when it is diffused to step N: `departure` beside `toEstimate` shows it.
 */
export class WalkFiguresRecorder {
  private readonly orders: number[] = [];
  private readonly change: (number | null)[] = [];
  private readonly toEstimate: number[] = [];
  private readonly bands: readonly Band[];
  private readonly power: number[][];
  private last: Tensor | undefined;

  /** @param estimate the backbone's, (3, S, S) or a batch of one, in the sampler's range [-1, 1] */
  constructor(private readonly estimate: Tensor) {
    this.bands = octaveBands(estimate.shape.at(-1)!);
    this.power = this.bands.map(() => []);
  }

  /**
   * @param order of the kept step, larger than the one before
   * @param predX0 of the estimate's shape; must not be changed before the next one is added
   * @throws RangeError when its size is not the estimate's
   */
  add(order: number, predX0: Tensor): void {
    this.orders.push(order);
    this.change.push(this.last ? distance(predX0, this.last) : null);
    this.toEstimate.push(distance(predX0, this.estimate));
    const side = this.estimate.shape.at(-1)!;
    for (const [band, value] of bandPower(lumaPlane(predX0), side, this.bands).entries()) this.power[band]!.push(value);
    this.last = predX0;
  }

  /**
   * @param result x_0, of the estimate's shape
   * @param read the predX0 that was added with an order
   */
  async finish(result: Tensor, read: (order: number) => Promise<Tensor>): Promise<WalkFigures> {
    const { change, toEstimate, bands, power } = this;
    const toResult: number[] = [];
    for (const order of this.orders) toResult.push(distance(order === this.orders.at(-1) ? this.last! : await read(order), result));
    return { change, toEstimate, toResult, departure: distance(this.estimate, result), bands, power };
  }
}
