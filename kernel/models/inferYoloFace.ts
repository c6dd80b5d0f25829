import { countIndices, extentOf, type Inferred, type Shapes } from './keys.ts';

/** Parameters of a YOLOv5-face from its keys and shapes, which tell all of them. */
export function inferYoloFaceParams(entries: Shapes): Inferred {
  const shuffle = entries.has('model.1.branch2.0.weight');
  const head = shuffle ? 7 : 9;
  const channelsOf = (key: string): number => extentOf(entries, key, 0);
  const stages = shuffle
    ? [1, 3, 5].map((index) => ({ channels: 2 * channelsOf(`model.${index}.branch2.0.weight`), blocks: Math.max(1, countIndices(entries, `model.${index + 1}.`)) }))
    : [1, 3, 5, 8].map((index) => ({ channels: channelsOf(`model.${index}.cv3.conv.weight`), blocks: countIndices(entries, `model.${index}.m.`) }));
  const c3 = (index: number): number => channelsOf(`model.${head + index}.cv3.conv.weight`);
  return {
    params: {
      stem: channelsOf('model.0.stem_1.conv.weight'),
      backbone: { kind: shuffle ? 'shuffle' : 'csp', stages },
      head: {
        lateral: [0, 4].map((index) => channelsOf(`model.${head + index}.conv.weight`)),
        out: [c3(7), c3(10), c3(13)],
        blocks: countIndices(entries, `model.${head + 3}.m.`),
      },
    },
    assumed: [],
  };
}
