import { createHash } from 'node:crypto';
import { recognise, type Recognised } from '../models/recognise.ts';

/** Names and shapes of the tensors of a network, in short. */
export interface Layout {
  readonly tensors: number;
  readonly values: number;
  /** Of the sorted lines `key 1x2x3`. */
  readonly digest: string;
}

type Shapes = Parameters<typeof recognise>[0];

/** What PyTorch may or may not store beside the weights, and computes or ignores when it loads them. */
const incidental = /(^|\.)(num_batches_tracked|relative_position_index|attn_mask)$/;

/** Two checkpoints of one layout load into the same network. */
export function layoutOf(entries: Shapes): Layout {
  const weights = [...entries].filter(([key]) => !incidental.test(key));
  const lines = weights.map(([key, { shape }]) => `${key} ${shape.join('x')}\n`).sort();
  return {
    tensors: weights.length,
    values: weights.reduce((sum, [, { shape }]) => sum + shape.reduce((product, extent) => product * extent, 1), 0),
    digest: createHash('sha256').update(lines.join('')).digest('hex').slice(0, 32),
  };
}

const titles = {
  unet: 'a diffusion model (UNet)', swinir: 'a SwinIR backbone', retinaface: 'RetinaFace', 'yolov5-face': 'YOLOv5-face', parsenet: 'ParseNet', rrdbnet: 'an RRDBNet upsampler', lama: 'LaMa',
  unknown: 'a network this product does not know',
} as const satisfies Record<Recognised['architecture'], string>;

/** What a checkpoint holds, in words: `RetinaFace (MobileNet-0.25), 253 tensors with 433,296 values`. */
export function describeLayout(entries: Shapes): string {
  const { tensors, values } = layoutOf(entries);
  const found = recognise(entries);
  return `${titles[found.architecture]}${'variant' in found ? ` (${found.variant})` : ''}, ${tensors} tensors with ${values.toLocaleString('en-US')} values`;
}
