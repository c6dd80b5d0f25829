/** A constant of a graph, made from tensors of the checkpoint when the model is written. */
export interface Weight {
  /** Unique in the graph; says what it is made of. */
  readonly name: string;
  readonly dtype: 'float32' | 'float16';
  readonly shape: readonly number[];
  /** Keys of the checkpoint, in the order `compute` wants their values. */
  readonly sources: readonly string[];
  /** Values in C order from those of the sources; they are rounded to `dtype` afterwards. May return a source itself. */
  compute(values: readonly Float32Array[]): Float32Array;
}

/** Rows of a matrix or filter bank, each scaled: how a product with several outputs is split, or a factor folded into its weights. */
export interface Rows {
  /** Part of the weight's name. */
  readonly label: string;
  /** Index of the source row for each row of the result. */
  readonly rows: readonly number[];
  readonly factor: number;
}

/** Picks and scales rows of `values` ((R, ...) in C order). */
export function takeRows(values: Float32Array, rowCount: number, { rows, factor }: Rows): Float32Array {
  const length = values.length / rowCount;
  const result = new Float32Array(rows.length * length);
  for (const [i, row] of rows.entries()) {
    for (let j = 0; j < length; j++) result[i * length + j] = values[row * length + j]! * factor;
  }
  return result;
}
