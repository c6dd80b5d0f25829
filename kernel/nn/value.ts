import type { OnnxAttribute } from './onnxWriter.ts';
import type { Weight } from './weight.ts';

export type ValueDType = 'float32' | 'float16' | 'int64';
export interface TensorType {
  readonly dtype: ValueDType;
  /** Static: every extent is known when the graph is built. */
  readonly shape: readonly number[];
}
export type Attributes = Readonly<Record<string, OnnxAttribute>>;

/** What a graph is written for: processors share the work of a node among their cores where the runtime can, graphics cards start a kernel for each node. */
export type Hardware = 'cpu' | 'gpu';

/** Where values write the nodes that compute them: the graph under construction. */
export interface Emitter {
  readonly hardware: Hardware;
  emit(opType: string, inputs: readonly (Value | undefined)[], outputs: readonly TensorType[], attributes?: Attributes): readonly Value[];
  /** A constant; equal ones are stored once. */
  constant(type: TensorType, values: ArrayLike<number>): Value;
  /** A constant from the checkpoint; the same name gives the same value. */
  weight(weight: Weight): Value;
  /** Names the nodes emitted meanwhile after `scope` (usually a module's key). */
  within<T>(scope: string, build: () => T): T;
  /** Where the graph is traced, remembers the value a module computes. */
  mark(key: string, value: () => Value): void;
}

/** A tensor that the graph will compute: its type is known, its values are not. Operators check shapes and add nodes. */
export class Value implements TensorType {
  constructor(readonly graph: Emitter, readonly name: string, readonly dtype: ValueDType, readonly shape: readonly number[]) {}

  /** Extent of an axis; negative axes count from the end. */
  extent(axis: number): number {
    return this.shape[this.#axis(axis)]!;
  }

  add(other: Value | number): Value { return this.#elementwise('Add', other); }
  sub(other: Value | number): Value { return this.#elementwise('Sub', other); }
  mul(other: Value | number): Value { return this.#elementwise('Mul', other); }
  div(other: Value | number): Value { return this.#elementwise('Div', other); }

  /** A function applied to every element that needs no attributes: 'Sigmoid', 'Erf', 'Cos', ... */
  apply(opType: 'Sigmoid' | 'Erf' | 'Cos' | 'Sin' | 'Round' | 'Relu' | 'Sqrt'): Value {
    return this.#one(opType, [this], this);
  }

  leakyRelu(negativeSlope: number): Value {
    return this.#one('LeakyRelu', [this], this, { alpha: { float: negativeSlope } });
  }

  cast(dtype: 'float32' | 'float16'): Value {
    if (dtype === this.dtype) return this;
    return this.#one('Cast', [this], { dtype, shape: this.shape }, { to: { int: dtype === 'float32' ? 1 : 10 } });
  }

  /** One extent may be -1: it takes what is left. */
  reshape(...shape: readonly number[]): Value {
    const size = product(this.shape);
    const known = product(shape.filter((extent) => extent !== -1));
    const full = shape.map((extent) => (extent === -1 ? size / known : extent));
    if (product(full) !== size || !full.every(Number.isInteger)) throw this.#mismatch(`cannot be reshaped to (${shape.join(', ')})`);
    if (sameShape(full, this.shape)) return this;
    return this.#one('Reshape', [this, this.#indices(full)], { dtype: this.dtype, shape: full });
  }

  /** Inserts axes of extent 1 at these positions of the result. */
  unsqueeze(...axes: readonly number[]): Value {
    const rank = this.shape.length + axes.length;
    const rest = [...this.shape];
    return this.reshape(...Array.from({ length: rank }, (_, axis) => (axes.includes(axis) ? 1 : rest.shift()!)));
  }

  /** Axis i of the result is axis `order[i]` of this. */
  transpose(...order: readonly number[]): Value {
    if (!sameShape(order.toSorted((a, b) => a - b), this.shape.map((_, axis) => axis))) throw this.#mismatch(`cannot be transposed by (${order.join(', ')})`);
    return this.#one('Transpose', [this], { dtype: this.dtype, shape: order.map((axis) => this.shape[axis]!) }, { perm: { ints: order } });
  }

  /** Product of the last two axes, broadcast over those before: (..., M, K) x (..., K, N) -> (..., M, N). */
  matmul(other: Value): Value {
    if (this.extent(-1) !== other.extent(-2)) throw this.#mismatch(`cannot be multiplied by ${describe(other)}`);
    const batch = this.#broadcast(this.shape.slice(0, -2), other.shape.slice(0, -2), other);
    return this.#one('MatMul', [this, other], { dtype: this.#common(other), shape: [...batch, this.extent(-2), other.extent(-1)] });
  }

  /** Equal parts along an axis. */
  chunk(parts: number, axis: number): readonly Value[] {
    const at = this.#axis(axis);
    const extent = this.shape[at]! / parts;
    if (!Number.isInteger(extent)) throw this.#mismatch(`has no ${parts} equal parts along axis ${axis}`);
    const type = { dtype: this.dtype, shape: this.shape.with(at, extent) };
    const sizes = this.#indices(Array.from({ length: parts }, () => extent));
    return this.graph.emit('Split', [this, sizes], Array.from({ length: parts }, () => type), { axis: { int: at } });
  }

  /** Elements [start, end) along an axis. */
  slice(axis: number, start: number, end: number): Value {
    const at = this.#axis(axis);
    if (start === 0 && end === this.shape[at]) return this;
    if (start < 0 || end > this.shape[at]! || start >= end) throw this.#mismatch(`has no elements ${start} to ${end} along axis ${axis}`);
    const inputs = [this, ...[start, end, at].map((value) => this.#indices([value]))];
    return this.#one('Slice', inputs, { dtype: this.dtype, shape: this.shape.with(at, end - start) });
  }

  /** The rows `indices` (constant) of axis 0, in this order. */
  takeRows(indices: ArrayLike<number>): Value {
    const rows = this.graph.constant({ dtype: 'int64', shape: [indices.length] }, indices);
    return this.#one('Gather', [this, rows], { dtype: this.dtype, shape: this.shape.with(0, indices.length) }, { axis: { int: 0 } });
  }

  /** Index of the largest element along an axis, the first where several are, as float32; the axis is gone. */
  argMax(axis: number): Value {
    const at = this.#axis(axis);
    const indices = this.#one('ArgMax', [this], { dtype: 'int64', shape: this.shape.toSpliced(at, 1) }, { axis: { int: at }, keepdims: { int: 0 } });
    return indices.cast('float32');
  }

  /** Mean, or sum of the squares, along an axis, which stays with extent 1. */
  reduce(opType: 'ReduceMean' | 'ReduceSumSquare', axis: number): Value {
    const at = this.#axis(axis);
    return this.#one(opType, [this], { dtype: this.dtype, shape: this.shape.with(at, 1) }, { axes: { ints: [at] }, keepdims: { int: 1 } });
  }

  /** Softmax along the last axis, in float32 whatever the type is. */
  softmax(): Value {
    const wide = this.cast('float32');
    return wide.#one('Softmax', [wide], wide, { axis: { int: -1 } }).cast(this.dtype === 'float16' ? 'float16' : 'float32');
  }

  /** Joins values along an axis. */
  static concat(values: readonly Value[], axis: number): Value {
    const [first] = values;
    if (first === undefined) throw new RangeError('nothing to join');
    if (values.length === 1) return first;
    const at = first.#axis(axis);
    for (const value of values) {
      if (!sameShape(value.shape.with(at, 0), first.shape.with(at, 0)) || value.dtype !== first.dtype) throw first.#mismatch(`cannot be joined with ${describe(value)} along axis ${axis}`);
    }
    const extent = values.reduce((sum, value) => sum + value.shape[at]!, 0);
    return first.#one('Concat', values, { dtype: first.dtype, shape: first.shape.with(at, extent) }, { axis: { int: at } });
  }

  #elementwise(opType: string, other: Value | number): Value {
    const operand = typeof other === 'number' ? this.graph.constant({ dtype: this.dtype, shape: [] }, [other]) : other;
    return this.#one(opType, [this, operand], { dtype: this.#common(operand), shape: this.#broadcast(this.shape, operand.shape, operand) });
  }

  #one(opType: string, inputs: readonly Value[], type: TensorType, attributes: Attributes = {}): Value {
    return this.graph.emit(opType, inputs, [type], attributes)[0]!;
  }

  #indices(values: readonly number[]): Value {
    return this.graph.constant({ dtype: 'int64', shape: [values.length] }, values);
  }

  #axis(axis: number): number {
    const at = axis < 0 ? axis + this.shape.length : axis;
    if (at < 0 || at >= this.shape.length) throw this.#mismatch(`has no axis ${axis}`);
    return at;
  }

  #common(other: Value): ValueDType {
    if (other.dtype !== this.dtype) throw this.#mismatch(`and ${describe(other)} differ in type: cast one`);
    return this.dtype;
  }

  #broadcast(mine: readonly number[], theirs: readonly number[], other: Value): readonly number[] {
    const rank = Math.max(mine.length, theirs.length);
    return Array.from({ length: rank }, (_, axis) => {
      const [a, b] = [mine[axis - rank + mine.length] ?? 1, theirs[axis - rank + theirs.length] ?? 1];
      if (a !== b && a !== 1 && b !== 1) throw this.#mismatch(`and ${describe(other)} cannot be broadcast`);
      return a === 1 ? b : a;
    });
  }

  #mismatch(problem: string): RangeError {
    return new RangeError(`${describe(this)} ${problem}`);
  }
}

function describe({ name, dtype, shape }: Value): string {
  return `${name}: ${dtype} (${shape.join(', ')})`;
}

function product(values: readonly number[]): number {
  return values.reduce((result, value) => result * value, 1);
}

function sameShape(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((extent, axis) => extent === b[axis]);
}
