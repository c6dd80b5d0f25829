import { toFloat16 } from '../tensor/float16.ts';
import { elementBytes, encodeOnnx, type ExternalData, type OnnxInitializer, type OnnxNode, type OnnxValueInfo } from './onnxWriter.ts';
import { Value, type Attributes, type Emitter, type Hardware, type TensorType } from './value.ts';
import type { Weight } from './weight.ts';

/** Operators outside the ONNX standard that this project emits. */
const contribOperators = new Set(['FusedMatMul', 'QuickGelu', 'Gelu']);
const opset = 17;

/** Names of extents that are known only at run time, by axis. */
export type OpenAxes = Readonly<Record<number, string>>;

function openShape(shape: readonly number[], open: OpenAxes): readonly (number | string)[] {
  return shape.map((extent, axis) => open[axis] ?? extent);
}

/** A graph under construction: collects nodes in the order they are emitted. */
export class Graph implements Emitter {
  readonly #inputs: OnnxValueInfo[] = [];
  readonly #outputs: OnnxValueInfo[] = [];
  readonly #nodes: OnnxNode[] = [];
  readonly #constants = new Map<string, { readonly value: Value; readonly initializer: OnnxInitializer }>();
  readonly #weights = new Map<string, { readonly value: Value; readonly weight: Weight }>();
  readonly #counts = new Map<string, number>();
  #scope = '';

  /**
   * @param name what the model is called inside the file
   * @param options.trace marked values become outputs too, named by their keys
   * @param options.hardware 'cpu' where absent
   */
  constructor(readonly name: string, readonly options: { readonly trace?: boolean; readonly hardware?: Hardware } = {}) {}

  get hardware(): Hardware {
    return this.options.hardware ?? 'cpu';
  }

  /** Weights in the order in which the graph first uses them. */
  get weights(): readonly Weight[] {
    return [...this.#weights.values()].map(({ weight }) => weight);
  }

  /** @param open names of the axes whose extent the caller of the finished graph chooses; the shape given here is one that fits */
  input(name: string, type: TensorType, open: OpenAxes = {}): Value {
    this.#inputs.push({ name, dtype: type.dtype, shape: openShape(type.shape, open) });
    return new Value(this, name, type.dtype, type.shape);
  }

  /** Gives a value a public name. @param open axes whose extent follows from those of the inputs, with a name for each */
  output(name: string, value: Value, open: OpenAxes = {}): void {
    this.#nodes.push({ opType: 'Identity', inputs: [value.name], outputs: [name], attributes: {} });
    this.#outputs.push({ name, dtype: value.dtype, shape: openShape(value.shape, open) });
  }

  mark(key: string, value: () => Value): void {
    if (this.options.trace === true) this.output(key, value());
  }

  within<T>(scope: string, build: () => T): T {
    const outer = this.#scope;
    this.#scope = scope;
    try {
      return build();
    } finally {
      this.#scope = outer;
    }
  }

  emit(opType: string, inputs: readonly (Value | undefined)[], outputs: readonly TensorType[], attributes: Attributes = {}): readonly Value[] {
    for (const input of inputs) {
      if (input !== undefined && input.graph !== this) throw new RangeError(`${input.name} belongs to another graph`);
    }
    const name = this.#unique(`${this.#scope}/${opType}`);
    const values = outputs.map(({ dtype, shape }, i) => new Value(this, outputs.length === 1 ? name : `${name}.${i}`, dtype, shape));
    this.#nodes.push({
      opType,
      name,
      inputs: inputs.map((input) => input?.name ?? ''),
      outputs: values.map((value) => value.name),
      attributes,
      ...(contribOperators.has(opType) ? { domain: 'com.microsoft' } : {}),
    });
    return values;
  }

  constant({ dtype, shape }: TensorType, values: ArrayLike<number>): Value {
    const data = encodeValues(dtype, values);
    const key = `${dtype}|${shape.join()}|${data.length <= 64 ? Buffer.from(data).toString('hex') : contentKey(data)}`;
    const known = this.#constants.get(key);
    if (known !== undefined) return known.value;
    const value = new Value(this, this.#unique('constant'), dtype, shape);
    this.#constants.set(key, { value, initializer: { name: value.name, dtype, shape, data } });
    return value;
  }

  weight(weight: Weight): Value {
    const known = this.#weights.get(weight.name);
    if (known !== undefined && known.weight.dtype === weight.dtype) return known.value;
    if (known !== undefined) throw new RangeError(`${weight.name} is used as ${known.weight.dtype} and as ${weight.dtype}`);
    const value = new Value(this, weight.name, weight.dtype, weight.shape);
    this.#weights.set(weight.name, { value, weight });
    return value;
  }

  /**
   * The finished model as bytes.
   * @param place where the bytes of a weight lie in the file beside the model
   */
  encode(place: (weight: Weight) => ExternalData): Uint8Array {
    const initializers: OnnxInitializer[] = [...this.#constants.values()].map(({ initializer }) => initializer);
    for (const { weight } of this.#weights.values()) {
      initializers.push({ name: weight.name, dtype: weight.dtype, shape: weight.shape, external: place(weight) });
    }
    return encodeOnnx({ name: this.name, inputs: this.#inputs, outputs: this.#outputs, nodes: this.#nodes, initializers, opset });
  }

  #unique(stem: string): string {
    const count = this.#counts.get(stem) ?? 0;
    this.#counts.set(stem, count + 1);
    return count === 0 ? stem : `${stem}_${count}`;
  }
}

/** Bytes of a weight in the external file. */
export function weightBytes(weight: Weight): number {
  return weight.shape.reduce((size, extent) => size * extent, elementBytes(weight.dtype));
}

function encodeValues(dtype: TensorType['dtype'], values: ArrayLike<number>): Uint8Array {
  switch (dtype) {
    case 'float32': return new Uint8Array(Float32Array.from(values).buffer);
    case 'float16': return new Uint8Array(toFloat16(Float32Array.from(values)).buffer);
    case 'int64': return new Uint8Array(BigInt64Array.from(values, (value) => BigInt(value)).buffer);
    default: return dtype satisfies never;
  }
}

function contentKey(data: Uint8Array): string {
  return Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString('latin1');
}
