import { protobuf } from './protobuf.ts';

/** Element types of ONNX tensors that this project writes, with their number in `TensorProto.DataType`. */
const dataTypes = { float32: 1, uint8: 2, int8: 3, uint16: 4, int16: 5, int32: 6, int64: 7, bool: 9, float16: 10, float64: 11 } as const;
export type OnnxDType = keyof typeof dataTypes;

const bytesPerElement: Readonly<Record<OnnxDType, number>> = {
  float32: 4, uint8: 1, int8: 1, uint16: 2, int16: 2, int32: 4, int64: 8, bool: 1, float16: 2, float64: 8,
};

export type OnnxAttribute =
  | { readonly int: number }
  | { readonly ints: readonly number[] }
  | { readonly float: number }
  | { readonly floats: readonly number[] }
  | { readonly string: string };

export interface OnnxNode {
  readonly opType: string;
  /** Names of values; '' leaves an optional input out. */
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: Readonly<Record<string, OnnxAttribute>>;
  /** '' or absent: the ONNX standard; else for instance 'com.microsoft'. */
  readonly domain?: string;
  readonly name?: string;
}

interface InitializerHead {
  readonly name: string;
  readonly dtype: OnnxDType;
  readonly shape: readonly number[];
}
/** A constant: little-endian, C order. External ones lie in a file beside the model (`location` is its bare name). */
export type OnnxInitializer =
  | (InitializerHead & { readonly data: Uint8Array })
  | (InitializerHead & { readonly external: ExternalData });
export interface ExternalData {
  readonly location: string;
  readonly offset: number;
  readonly length: number;
}

export interface OnnxValueInfo {
  readonly name: string;
  readonly dtype: OnnxDType;
  /** Extents; a string is the name of an extent known only at run time. */
  readonly shape: readonly (number | string)[];
}

export interface OnnxModel {
  readonly name: string;
  readonly inputs: readonly OnnxValueInfo[];
  readonly outputs: readonly OnnxValueInfo[];
  /** In an order in which every node comes after those it reads from. */
  readonly nodes: readonly OnnxNode[];
  readonly initializers: readonly OnnxInitializer[];
  /** Version of the standard operator set, at least 13. */
  readonly opset: number;
}

/** Bytes one element takes in an initializer. */
export function elementBytes(dtype: OnnxDType): number {
  return bytesPerElement[dtype];
}

/**
 * Encodes a model as the protobuf message `ModelProto` (field numbers of onnx.proto3, https://github.com/onnx/onnx).
 * @throws RangeError if an inline or external initializer has not the bytes its shape asks for
 */
export function encodeOnnx(model: OnnxModel): Uint8Array {
  const domains = new Set(model.nodes.map((node) => node.domain ?? '').filter((domain) => domain !== ''));
  return protobuf((out) => {
    out.integer(1, model.opset >= 21 ? 10 : model.opset >= 19 ? 9 : 8);                  // ir_version
    out.text(2, 'difface');                                                              // producer_name
    out.message(7, (graph) => {
      for (const node of model.nodes) graph.message(1, (inner) => { writeNode(inner, node); });
      graph.text(2, model.name);
      for (const initializer of model.initializers) graph.message(5, (inner) => { writeInitializer(inner, initializer); });
      for (const input of model.inputs) graph.message(11, (inner) => { writeValueInfo(inner, input); });
      for (const output of model.outputs) graph.message(12, (inner) => { writeValueInfo(inner, output); });
    });
    out.message(8, (opset) => { opset.text(1, ''); opset.integer(2, model.opset); });
    for (const domain of domains) out.message(8, (opset) => { opset.text(1, domain); opset.integer(2, 1); });
  });
}

type Writer = Parameters<Parameters<typeof protobuf>[0]>[0];

function writeNode(out: Writer, node: OnnxNode): void {
  for (const input of node.inputs) out.text(1, input);
  for (const output of node.outputs) out.text(2, output);
  if (node.name !== undefined) out.text(3, node.name);
  out.text(4, node.opType);
  for (const [name, attribute] of Object.entries(node.attributes)) out.message(5, (inner) => { writeAttribute(inner, name, attribute); });
  if (node.domain !== undefined && node.domain !== '') out.text(7, node.domain);
}

function writeAttribute(out: Writer, name: string, attribute: OnnxAttribute): void {
  out.text(1, name);
  if ('float' in attribute) {
    out.float(2, attribute.float);
    out.integer(20, 1);
  } else if ('int' in attribute) {
    out.integer(3, attribute.int);
    out.integer(20, 2);
  } else if ('string' in attribute) {
    out.text(4, attribute.string);
    out.integer(20, 3);
  } else if ('floats' in attribute) {
    for (const value of attribute.floats) out.float(7, value);
    out.integer(20, 6);
  } else {
    for (const value of attribute.ints) out.integer(8, value);
    out.integer(20, 7);
  }
}

function writeInitializer(out: Writer, initializer: OnnxInitializer): void {
  const expected = initializer.shape.reduce((product, extent) => product * extent, bytesPerElement[initializer.dtype]);
  const actual = 'data' in initializer ? initializer.data.length : initializer.external.length;
  if (actual !== expected) throw new RangeError(`initializer ${initializer.name} of shape (${initializer.shape.join(', ')}) needs ${expected} bytes, not ${actual}`);
  for (const extent of initializer.shape) out.integer(1, extent);
  out.integer(2, dataTypes[initializer.dtype]);
  out.text(8, initializer.name);
  if ('data' in initializer) {
    out.bytes(9, initializer.data);
    return;
  }
  const { location, offset, length } = initializer.external;
  for (const [key, value] of [['location', location], ['offset', String(offset)], ['length', String(length)]] as const) {
    out.message(13, (entry) => { entry.text(1, key); entry.text(2, value); });
  }
  out.integer(14, 1);                                                                    // data_location = EXTERNAL
}

function writeValueInfo(out: Writer, value: OnnxValueInfo): void {
  out.text(1, value.name);
  out.message(2, (type) => {
    type.message(1, (tensorType) => {
      tensorType.integer(1, dataTypes[value.dtype]);
      tensorType.message(2, (shape) => {
        for (const extent of value.shape) {
          shape.message(1, (dim) => { if (typeof extent === 'number') dim.integer(1, extent); else dim.text(2, extent); });
        }
      });
    });
  });
}
