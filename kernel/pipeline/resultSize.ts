import { workingSize } from '../faces/resize.ts';
import type { FoundFile } from './collectFiles.ts';

/** In pixels. */
export interface Size {
  readonly width: number;
  readonly height: number;
}

/** Size of what a picture or a clip is restored to. Where the result is enlarged, small pictures are enlarged to a shorter side of 512 px first, as the reference does; clips are not. */
export function resultSize({ width, height }: Size, kind: FoundFile['kind'], upscale: 1 | 2): Size {
  const from = kind === 'picture' && upscale > 1 ? workingSize({ width, height }) : { width, height };
  return { width: from.width * upscale, height: from.height * upscale };
}
