import type { NetworkSpec } from '../models/network.ts';
import { difface } from './official.ts';
import type { OfficialFile } from './officialFiles.ts';

export interface Configured {
  readonly architecture: NetworkSpec['architecture'];
  /** By the reference's names; `parseNetwork` checks them. */
  readonly params: unknown;
}

const retinaFace = (body: unknown, channels: number): Configured => ({ architecture: 'retinaface', params: { body, out_channel: channels } });
const yoloFace = (params: unknown): Configured => ({ architecture: 'yolov5-face', params });

/** The parameters of the published networks that run here, by short name: what their keys and shapes follow from. */
const configured: Readonly<Record<string, Configured>> = {
  denoiser: difface.denoiser,
  backbone: difface.backbone,
  retinaface: retinaFace({
    kind: 'resnet', stem: 64,
    stages: [{ blocks: 3, inner: 64, outer: 256 }, { blocks: 4, inner: 128, outer: 512 }, { blocks: 6, inner: 256, outer: 1024 }, { blocks: 3, inner: 512, outer: 2048 }],
  }, 256),
  'retinaface-mobilenet': retinaFace({ kind: 'mobilenet', stage1: [8, 16, 32, 32, 64, 64], stage2: [128, 128, 128, 128, 128, 128], stage3: [256, 256] }, 64),
  parsenet: { architecture: 'parsenet', params: { in_size: 512, out_size: 512, min_feat_size: 32, base_ch: 64, parsing_ch: 19, res_depth: 10, ch_range: [64, 256] } },
  realesrgan: { architecture: 'rrdbnet', params: { num_in_ch: 3, num_out_ch: 3, scale: 2, num_feat: 64, num_block: 23, num_grow_ch: 32 } },
  'yolov5n-face': yoloFace({
    stem: 32, backbone: { kind: 'shuffle', stages: [{ channels: 128, blocks: 3 }, { channels: 256, blocks: 7 }, { channels: 512, blocks: 3 }] },
    head: { lateral: [128, 128], out: [128, 128, 128], blocks: 1 },
  }),
  'yolov5l-face': yoloFace({
    stem: 64, backbone: { kind: 'csp', stages: [{ channels: 128, blocks: 3 }, { channels: 256, blocks: 9 }, { channels: 512, blocks: 9 }, { channels: 1024, blocks: 3 }] },
    head: { lateral: [512, 256], out: [256, 512, 1024], blocks: 3 },
  }),
};

/** The network that a published file holds; undefined where it is none that runs here. */
export function publishedNetwork({ id }: OfficialFile): Configured | undefined {
  return configured[id];
}
