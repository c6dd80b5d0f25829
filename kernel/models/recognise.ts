import { inferRetinaFaceParams } from './inferRetinaface.ts';
import { inferParseNetParams } from './inferParsenet.ts';
import { inferRrdbNetParams } from './inferRrdbnet.ts';
import { inferSwinIRParams } from './inferSwinir.ts';
import { inferUnetParams } from './inferUnet.ts';
import { inferYoloFaceParams } from './inferYoloFace.ts';
import { extentOf, type Inferred, type Shapes } from './keys.ts';

export type Recognised =
  | ({ readonly architecture: 'unet' | 'swinir' } & Inferred)
  | ({ readonly architecture: 'retinaface' | 'yolov5-face' | 'parsenet' | 'rrdbnet'; readonly variant: string } & Inferred)
  | { readonly architecture: 'lama'; readonly variant: string }
  | { readonly architecture: 'unknown' };

/** Tells the architecture of a checkpoint by its characteristic keys. `parseNetwork` says whether a network whose parameters are told is one that can run. */
export function recognise(entries: Shapes): Recognised {
  const has = (...keys: readonly string[]): boolean => keys.every((key) => entries.has(key));

  if (has('time_embed.0.weight', 'input_blocks.0.0.weight', 'out.2.weight')) return { architecture: 'unet', ...inferUnetParams(entries) };
  if (has('layers.0.residual_group.blocks.0.attn.qkv.weight', 'norm.weight', 'conv_last.weight')) return { architecture: 'swinir', ...inferSwinIRParams(entries) };
  if (has('ClassHead.0.conv1x1.weight', 'LandmarkHead.0.conv1x1.weight')) {
    return { architecture: 'retinaface', variant: has('body.conv1.weight') ? 'ResNet-50' : 'MobileNet-0.25', ...inferRetinaFaceParams(entries) };
  }
  if (has('model.0.stem_1.conv.weight')) {
    return { architecture: 'yolov5-face', variant: has('model.1.branch2.0.weight') ? 'n' : 'l', ...inferYoloFaceParams(entries) };
  }
  if (has('encoder.0.conv2d.weight', 'out_mask_conv.conv2d.weight')) {
    return { architecture: 'parsenet', variant: `${extentOf(entries, 'out_mask_conv.conv2d.weight', 0)} classes`, ...inferParseNetParams(entries) };
  }
  if (has('conv_first.weight', 'body.0.rdb1.conv1.weight')) {
    const scale = new Map([[3, 4], [12, 2], [48, 1]]).get(extentOf(entries, 'conv_first.weight', 1));
    return { architecture: 'rrdbnet', variant: scale === undefined ? 'unknown scale' : `x${scale}`, ...inferRrdbNetParams(entries) };
  }
  if (has('model.1.ffc.convl2l.weight')) {
    return { architecture: 'lama', variant: `${extentOf(entries, 'model.1.ffc.convl2l.weight', 1)} input channels` };
  }
  return { architecture: 'unknown' };
}
