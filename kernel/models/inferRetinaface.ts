import { countIndices, extentOf, type Inferred, type Shapes } from './keys.ts';

/** Parameters of a RetinaFace from its keys and shapes, which tell all of them. */
export function inferRetinaFaceParams(entries: Shapes): Inferred {
  const body = entries.has('body.conv1.weight')
    ? { kind: 'resnet', stem: extentOf(entries, 'body.conv1.weight', 0), stages: [1, 2, 3, 4].map((stage) => bottlenecks(entries, `body.layer${stage}.`)) }
    : { kind: 'mobilenet', stage1: separable(entries, 'body.stage1.'), stage2: separable(entries, 'body.stage2.'), stage3: separable(entries, 'body.stage3.') };
  return { params: { body, out_channel: extentOf(entries, 'fpn.output1.0.weight', 0) }, assumed: [] };
}

function bottlenecks(entries: Shapes, prefix: string): { readonly blocks: number; readonly inner: number; readonly outer: number } {
  return { blocks: countIndices(entries, prefix), inner: extentOf(entries, `${prefix}0.conv1.weight`, 0), outer: extentOf(entries, `${prefix}0.conv3.weight`, 0) };
}

/** Channels after each block: the pointwise convolution's, or the plain one's where there is no other. */
function separable(entries: Shapes, prefix: string): readonly number[] {
  return Array.from({ length: countIndices(entries, prefix) }, (_, i) => extentOf(entries, entries.has(`${prefix}${i}.3.weight`) ? `${prefix}${i}.3.weight` : `${prefix}${i}.0.weight`, 0));
}
