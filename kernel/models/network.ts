import { z } from 'zod';
import { KernelFailure } from '../failure.ts';
import { Graph } from '../nn/graph.ts';
import type { Hardware } from '../nn/value.ts';
import { retinaFaceGraph, yoloFaceGraph } from './detectorGraph.ts';
import { RetinaFace } from './retinaface.ts';
import { parseRetinaFaceParams, type RetinaFaceParams } from './retinafaceParams.ts';
import { ParseNet } from './parsenet.ts';
import { parseParseNetParams, type ParseNetParams } from './parsenetParams.ts';
import { RrdbNet } from './rrdbnet.ts';
import { parseRrdbNetParams, type RrdbNetParams } from './rrdbnetParams.ts';
import { SwinIR } from './swinir.ts';
import { parseSwinIRParams, type SwinIRParams } from './swinirParams.ts';
import { Unet } from './unet.ts';
import { parseUnetParams, type UnetParams } from './unetParams.ts';
import { YoloFace } from './yoloFace.ts';
import { parseYoloFaceParams, type YoloFaceParams } from './yoloFaceParams.ts';

/** A network of a known architecture with checked parameters. */
export type NetworkSpec =
  | { readonly architecture: 'unet'; readonly params: UnetParams }
  | { readonly architecture: 'swinir'; readonly params: SwinIRParams }
  | { readonly architecture: 'retinaface'; readonly params: RetinaFaceParams }
  | { readonly architecture: 'yolov5-face'; readonly params: YoloFaceParams }
  | { readonly architecture: 'parsenet'; readonly params: ParseNetParams }
  | { readonly architecture: 'rrdbnet'; readonly params: RrdbNetParams };

export type Network = Unet | SwinIR | RetinaFace | YoloFace | ParseNet | RrdbNet;

export interface GraphRequest {
  readonly batch: number;
  /** Detectors take pictures of any size, whatever is said here. */
  readonly height: number;
  readonly width: number;
  readonly precision: 'fp32' | 'fp16';
  /** 'cpu' where absent. */
  readonly hardware?: Hardware;
  /** Every module's result becomes an output named by its key. */
  readonly trace?: boolean;
}

/** What a person calls the networks. */
export const networkNames = {
  unet: 'denoiser (UNet)', swinir: 'backbone (SwinIR)', retinaface: 'face detector (RetinaFace)', 'yolov5-face': 'face detector (YOLOv5-face)', parsenet: 'face parser (ParseNet)',
  rrdbnet: 'upsampler (RRDBNet)',
} as const satisfies Record<NetworkSpec['architecture'], string>;

/**
 * Checks the parameters of a network, given by the reference's names.
 * @throws KernelFailure('checkpoint') naming every parameter that does not fit
 */
export function parseNetwork(architecture: NetworkSpec['architecture'], params: unknown): NetworkSpec {
  try {
    switch (architecture) {
      case 'unet': return { architecture, params: parseUnetParams(params) };
      case 'swinir': return { architecture, params: parseSwinIRParams(params) };
      case 'retinaface': return { architecture, params: parseRetinaFaceParams(params) };
      case 'yolov5-face': return { architecture, params: parseYoloFaceParams(params) };
      case 'parsenet': return { architecture, params: parseParseNetParams(params) };
      case 'rrdbnet': return { architecture, params: parseRrdbNetParams(params) };
      default: return architecture satisfies never;
    }
  } catch (error) {
    if (!(error instanceof z.ZodError)) throw error;
    const issues = error.issues.map(({ path, message }) => (path.length === 0 ? message : `${path.join('.')}: ${message}`));
    throw new KernelFailure('checkpoint', `The parameters of the ${networkNames[architecture]} do not fit: ${issues.join('; ')}.`, { cause: error });
  }
}

/**
 * The network as a class whose parameters carry the checkpoint's keys.
 * @throws KernelFailure('checkpoint') if the parameters contradict each other
 */
export function createNetwork(spec: NetworkSpec): Network {
  try {
    switch (spec.architecture) {
      case 'unet': return new Unet(spec.params);
      case 'swinir': return new SwinIR(spec.params);
      case 'retinaface': return new RetinaFace(spec.params);
      case 'yolov5-face': return new YoloFace(spec.params);
      case 'parsenet': return new ParseNet(spec.params);
      case 'rrdbnet': return new RrdbNet(spec.params);
      default: return spec satisfies never;
    }
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new KernelFailure('checkpoint', `The parameters of the ${networkNames[spec.architecture]} contradict each other: ${error.message}.`, { cause: error });
  }
}

/** The graph of the network serves pictures of all sizes. */
export function takesAnySize({ architecture }: NetworkSpec): boolean {
  return architecture === 'rrdbnet' || architecture === 'retinaface' || architecture === 'yolov5-face';
}

const anySize = { 2: 'height', 3: 'width' };

/**
 * The network's computation for one size. UNet: x (B, in, H, W), t (B) -> out (B, out, H, W); SwinIR: x (B, C, H, W) in [0, 1] -> out; ParseNet: x (B, 3, H, W)
 * in [-1, 1] -> out (B, H, W), classes; RRDBNet: x (B, C, any H, any W) in [0, 1] -> out; detectors, of any size: `detectorGraph.ts`. Inputs and outputs are float32 in either precision.
 * @throws KernelFailure('input') if the network cannot take the size
 */
export function networkGraph(network: Network, { batch, height, width, precision, hardware = 'cpu', trace = false }: GraphRequest): Graph {
  const dtype = precision === 'fp16' ? 'float16' : 'float32';
  if (network instanceof RetinaFace) return retinaFaceGraph(network, { batch, dtype, trace });
  if (network instanceof YoloFace) return yoloFaceGraph(network, { batch, dtype, trace });
  const graphOf = (name: NetworkSpec['architecture']): Graph => new Graph(name, { trace, hardware });
  const picture = (channels: number) => ({ dtype: 'float32' as const, shape: [batch, channels, height, width] });
  if (network instanceof Unet) {
    const graph = graphOf('unet');
    const x = graph.input('x', picture(network.params.in_channels));
    const t = graph.input('t', { dtype: 'float32', shape: [batch] });
    graph.output('out', network.forward(x, t, dtype));
    return graph;
  }
  if (network instanceof SwinIR) {
    const graph = graphOf('swinir');
    graph.output('out', network.forward(graph.input('x', picture(network.params.in_chans)), dtype));
    return graph;
  }
  if (network instanceof ParseNet) {
    const graph = graphOf('parsenet');
    graph.output('out', network.forward(graph.input('x', picture(3)), dtype));
    return graph;
  }
  const graph = graphOf('rrdbnet');
  graph.output('out', network.forward(graph.input('x', picture(network.params.num_in_ch), anySize), dtype), { 2: 'height_out', 3: 'width_out' });
  return graph;
}
