import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { encodeOnnx, type OnnxAttribute, type OnnxInitializer, type OnnxNode } from '../../kernel/nn/onnxWriter.ts';
import { packageFolder } from '../../kernel/packageFolder.ts';
import { fromFloat16 } from '../../kernel/tensor/float16.ts';

/** Converts the face detectors of @vladmandic/human (BlazeFace and FaceMesh of google/mediapipe, Apache-2.0) from TensorFlow.js to ONNX, channels first. */

interface TfNode {
  readonly name: string;
  readonly op: string;
  readonly input?: readonly string[];
  readonly attr?: Readonly<Record<string, { readonly s?: string; readonly list?: { readonly i?: readonly string[]; readonly s?: readonly string[] } }>>;
}

interface TfModel {
  readonly modelTopology: { readonly node: readonly TfNode[] };
  readonly weightsManifest: readonly { readonly paths: readonly string[]; readonly weights: readonly { readonly name: string; readonly shape: readonly number[]; readonly dtype: 'float32' | 'int32'; readonly quantization?: { readonly dtype: string } }[] }[];
}

interface Constant {
  readonly shape: readonly number[];
  readonly values: Float32Array | Int32Array;
}

const detectors = [
  { name: 'blazeface', size: 256, outputs: { Identity: 'scores1', Identity_1: 'scores2', Identity_2: 'boxes1', Identity_3: 'boxes2' } },
  { name: 'facemesh', size: 192, outputs: { Identity_2: 'mesh', Identity_1: 'flag' } },
] as const;

/** Writes `<name>.onnx` for each detector, and the notice that belongs to them, into a folder. */
export async function convertDetectors(folder: string): Promise<void> {
  const source = join(packageFolder(), 'node_modules', '@vladmandic', 'human', 'models');
  await mkdir(folder, { recursive: true });
  for (const { name, size, outputs } of detectors) await writeFile(join(folder, `${name}.onnx`), await convert(source, name, size, outputs));
  await writeFile(join(folder, 'NOTICE.txt'), 'blazeface.onnx and facemesh.onnx are the BlazeFace and Face Mesh models of MediaPipe,\nCopyright The MediaPipe Authors, licensed under the Apache License 2.0 (https://www.apache.org/licenses/LICENSE-2.0),\nas distributed with @vladmandic/human, converted to ONNX.\n');
}

async function convert(source: string, name: string, size: number, outputs: Readonly<Record<string, string>>): Promise<Uint8Array> {
  const model = JSON.parse(await readFile(join(source, `${name}.json`), 'utf8')) as TfModel;
  const constants = await readConstants(source, model);
  const initializers: OnnxInitializer[] = [];
  const nodes: OnnxNode[] = [];
  const constant = (of: string, shape: readonly number[], values: Float32Array): string => {
    if (!initializers.some((known) => known.name === of)) initializers.push({ name: of, dtype: 'float32', shape, data: new Uint8Array(values.buffer, values.byteOffset, values.byteLength) });
    return of;
  };
  const integers = (of: string, values: readonly number[]): string => {
    initializers.push({ name: of, dtype: 'int64', shape: [values.length], data: new Uint8Array(BigInt64Array.from(values, BigInt).buffer) });
    return of;
  };
  const emit = (opType: string, inputs: readonly string[], output: string, attributes: Readonly<Record<string, OnnxAttribute>> = {}): void => {
    nodes.push({ opType, inputs, outputs: [output], attributes });
  };
  const slope = (of: string): string => {
    const { values } = constants.get(of)!;
    return constant(of, [values.length, 1, 1], Float32Array.from(values));
  };

  for (const node of model.modelTopology.node) {
    const inputs = (node.input ?? []).map((input) => input.replace(/:\d+$/, ''));
    const [x = '', w = ''] = inputs;
    const strides = (node.attr?.['strides']?.list?.i ?? []).slice(1, 3).map(Number);
    const padding: OnnxAttribute = { string: text(node.attr?.['padding']?.s) === 'SAME' ? 'SAME_UPPER' : 'VALID' };
    const fused = (node.attr?.['fused_ops']?.list?.s ?? []).map(text);
    switch (node.op) {
      case 'Const': case 'Placeholder': break;
      case '_FusedConv2D': case 'Conv2D': case 'DepthwiseConv2dNative': case 'FusedDepthwiseConv2dNative': {
        const deep = node.op.includes('epthwise');
        const { shape, values } = constants.get(w)!;
        const filter = constant(w, deep ? [shape[2]!, 1, shape[0]!, shape[1]!] : [shape[3]!, shape[2]!, shape[0]!, shape[1]!], deep ? move(values, shape, [2, 3, 0, 1]) : move(values, shape, [3, 2, 0, 1]));
        const bias = fused[0] === 'BiasAdd' ? [constant(inputs[2]!, [constants.get(inputs[2]!)!.values.length], Float32Array.from(constants.get(inputs[2]!)!.values))] : [];
        const activation = fused[1];
        const raw = activation === undefined ? node.name : `${node.name}/linear`;
        emit('Conv', [x, filter, ...bias], raw, { strides: { ints: strides }, auto_pad: padding, group: { int: deep ? shape[2]! : 1 } });
        if (activation === 'Relu') emit('Relu', [raw], node.name);
        else if (activation === 'Prelu') emit('PRelu', [raw, slope(inputs[3]!)], node.name);
        else if (activation !== undefined) throw new Error(`${name}: fused ${activation} is not known`);
        break;
      }
      case 'AddV2': emit('Add', [x, w], node.name); break;
      case 'Relu': emit('Relu', [x], node.name); break;
      case 'Sigmoid': emit('Sigmoid', [x], node.name); break;
      case 'Prelu': emit('PRelu', [x, slope(w)], node.name); break;
      case 'MaxPool': emit('MaxPool', [x], node.name, { kernel_shape: { ints: (node.attr?.['ksize']?.list?.i ?? []).slice(1, 3).map(Number) }, strides: { ints: strides }, auto_pad: padding }); break;
      case 'Pad': {
        const p = Array.from(constants.get(w)!.values);                 // (before, after) of batch, height, width, channels
        emit('Pad', [x, integers(`${node.name}/pads`, [p[0]!, p[6]!, p[2]!, p[4]!, p[1]!, p[7]!, p[3]!, p[5]!])], node.name);
        break;
      }
      case 'Reshape': {
        emit('Transpose', [x], `${node.name}/nhwc`, { perm: { ints: [0, 2, 3, 1] } });
        emit('Reshape', [`${node.name}/nhwc`, integers(`${node.name}/shape`, Array.from(constants.get(w)!.values))], node.name);
        break;
      }
      case 'Identity': if (node.name in outputs) emit('Identity', [x], outputs[node.name]!); break;
      default: throw new Error(`${name}: the operator ${node.op} is not known`);
    }
  }
  const input = model.modelTopology.node.find(({ op }) => op === 'Placeholder')!.name;
  const shapes: Readonly<Record<string, readonly number[]>> = { scores1: [1, 512, 1], scores2: [1, 384, 1], boxes1: [1, 512, 16], boxes2: [1, 384, 16], mesh: [1, 1404], flag: [1, 1] };
  const used = reachable(nodes, Object.values(outputs));
  const names = new Set(used.flatMap(({ inputs }) => inputs));
  return encodeOnnx({
    name, opset: 17, nodes: used,
    inputs: [{ name: input, dtype: 'float32', shape: [1, 3, size, size] }],
    outputs: Object.values(outputs).map((output) => ({ name: output, dtype: 'float32', shape: shapes[output]! })),
    initializers: initializers.filter((initializer) => names.has(initializer.name)),
  });
}

/** Only what the outputs need, in the order the runtime wants: each node after its inputs. */
function reachable(nodes: readonly OnnxNode[], outputs: readonly string[]): readonly OnnxNode[] {
  const maker = new Map(nodes.flatMap((node) => node.outputs.map((output) => [output, node] as const)));
  const ordered = new Set<OnnxNode>();
  const visit = (value: string): void => {
    const node = maker.get(value);
    if (!node || ordered.has(node)) return;
    for (const input of node.inputs) visit(input);
    ordered.add(node);
  };
  for (const output of outputs) visit(output);
  return [...ordered];
}

async function readConstants(source: string, model: TfModel): Promise<ReadonlyMap<string, Constant>> {
  const constants = new Map<string, Constant>();
  for (const { paths, weights } of model.weightsManifest) {
    const bytes = new Uint8Array(Buffer.concat(await Promise.all(paths.map((path) => readFile(join(source, path))))));
    let at = 0;
    for (const { name, shape, dtype, quantization } of weights) {
      if (quantization !== undefined && quantization.dtype !== 'float16') throw new Error(`${name} is stored as ${quantization.dtype}`);
      const bytesEach = quantization ? 2 : 4;
      const length = shape.reduce((product, extent) => product * extent, 1);
      const part = bytes.slice(at, at + bytesEach * length).buffer;
      constants.set(name, { shape, values: quantization ? fromFloat16(new Uint16Array(part)) : dtype === 'int32' ? new Int32Array(part) : new Float32Array(part) });
      at += bytesEach * length;
    }
  }
  return constants;
}

/** Reorders the axes of a 4-dimensional array. */
function move(values: Float32Array | Int32Array, shape: readonly number[], axes: readonly [number, number, number, number]): Float32Array {
  const strides = shape.map((_, axis) => shape.slice(axis + 1).reduce((product, extent) => product * extent, 1));
  const [a, b, c, d] = axes.map((axis) => shape[axis]!) as [number, number, number, number];
  const [sa, sb, sc, sd] = axes.map((axis) => strides[axis]!) as [number, number, number, number];
  const out = new Float32Array(values.length);
  let at = 0;
  for (let i = 0; i < a; i++) for (let j = 0; j < b; j++) for (let k = 0; k < c; k++) for (let l = 0; l < d; l++) out[at++] = values[i * sa + j * sb + k * sc + l * sd]!;
  return out;
}

function text(base64: string | undefined): string {
  return Buffer.from(base64 ?? '', 'base64').toString('latin1');
}
