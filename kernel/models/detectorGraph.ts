import { Graph } from '../nn/graph.ts';
import type { Value } from '../nn/value.ts';
import type { RetinaFace } from './retinaface.ts';
import type { YoloFace } from './yoloFace.ts';

/** A size that any detector takes: the graph is laid out for it and holds for every other. */
const side = 256;

interface DetectorGraphRequest {
  readonly batch: number;
  readonly dtype: 'float32' | 'float16';
  readonly trace: boolean;
}

/** x (B, 3, H, W), any H and W -> scores0..2, boxes0..2, landmarks0..2 as `RetinaFaceLevel`, of strides 8, 16 and 32. */
export function retinaFaceGraph(network: RetinaFace, { batch, dtype, trace }: DetectorGraphRequest): Graph {
  const graph = new Graph('retinaface', { trace });
  for (const [level, maps] of network.forward(picture(graph, batch).cast(dtype)).entries()) {
    for (const name of ['scores', 'boxes', 'landmarks'] as const) featureMap(graph, name, level, maps[name]);
  }
  return graph;
}

/** x (B, 3, H, W), H and W multiples of 32 -> raw0..2 of strides 8, 16 and 32, (B, 48, H', W'), and anchors (3, 3, 2). */
export function yoloFaceGraph(network: YoloFace, { batch, dtype, trace }: DetectorGraphRequest): Graph {
  const graph = new Graph('yolov5-face', { trace });
  const { levels, anchors } = network.forward(picture(graph, batch).cast(dtype));
  for (const [level, map] of levels.entries()) featureMap(graph, 'raw', level, map);
  graph.output('anchors', anchors);
  return graph;
}

function picture(graph: Graph, batch: number): Value {
  return graph.input('x', { dtype: 'float32', shape: [batch, 3, side, side] }, { 2: 'height', 3: 'width' });
}

function featureMap(graph: Graph, name: string, level: number, map: Value): void {
  graph.output(`${name}${level}`, map.cast('float32'), { 2: `height${level}`, 3: `width${level}` });
}
