import { join } from 'node:path';
import { decodeFrames } from '../../kernel/media/decode.ts';
import { encodeFrames } from '../../kernel/media/encodeFrames.ts';
import { probeClip } from '../../kernel/media/probe.ts';
import type { RgbImage } from '../../kernel/tensor/rgbImage.ts';
import { root } from '../cli/command.ts';

/** Writes the first frames of the sample clip, in which there is one face, as a clip of their own (WebM). */
export async function writeShortClip(path: string, frames: number): Promise<void> {
  const { signal } = new AbortController();
  const first = async function* (): AsyncGenerator<RgbImage> {
    for await (const frame of decodeFrames(await probeClip(join(root, 'samples', 'clip.mp4')), signal)) {
      if (frame.index === frames) break;
      yield frame;
    }
  };
  await encodeFrames(path, first(), { frameRate: 15, signal });
}
