/** A dense float32 tensor in C order. Images are (3, H, W) or (B, 3, H, W), channels in RGB order. */
export interface Tensor {
  readonly data: Float32Array;
  readonly shape: readonly number[];
}

/** Number of elements of a shape; 1 for a scalar. */
export function sizeOf(shape: readonly number[]): number {
  return shape.reduce((product, extent) => product * extent, 1);
}

/**
 * Wraps `data` without copying.
 * @throws RangeError if the length of `data` is not the product of `shape`.
 */
export function tensor(data: Float32Array, shape: readonly number[]): Tensor {
  if (data.length !== sizeOf(shape)) {
    throw new RangeError(`a tensor of shape (${shape.join(', ')}) needs ${sizeOf(shape)} values, not ${data.length}`);
  }
  return { data, shape };
}

/** A tensor of zeros. */
export function zeros(shape: readonly number[]): Tensor {
  return { data: new Float32Array(sizeOf(shape)), shape };
}
