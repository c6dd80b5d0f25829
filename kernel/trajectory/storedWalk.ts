import type { Tensor } from '../tensor/tensor.ts';
import type { StateKind, WalkInfo } from './walkTypes.ts';

/** A walk whose states can be read, from the store or from wherever they are. */
export interface StoredWalk {
  readonly info: WalkInfo;
  /**
   * @param order of a kept state; without meaning for `input` and `estimate`
   * @returns (3, H, W) in the sampler's range, [-1, 1] for pictures
   * @throws KernelFailure('input') when it is not kept, or damaged
   */
  read(kind: StateKind, order: number): Promise<Tensor>;
  /** The standard normal noise that a step drew, (3, H, W); undefined for steps that draw none. */
  noise(order: number): Tensor | undefined;
  /**
   * What a DDPM step multiplied that noise by, (3, H, W): the network says it for each pixel. Undefined for steps whose `sigma` is one number.
   * @throws KernelFailure('input') when it is not kept, or damaged
   */
  sigma(order: number): Promise<Tensor | undefined>;
}
