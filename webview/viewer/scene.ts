import type { FaceFrame } from './faceButtons.ts';
import type { Size } from './panZoom.ts';

export type Mode = 'original' | 'split' | 'side' | 'restored';

export interface Scene {
  /** Size of the picture as it is shown, in its own pixels; what is drawn may be a scaled version of it. */
  readonly size: Size;
  /** Number of the frame that is drawn. */
  readonly frame: number;
  readonly original: ImageBitmap | undefined;
  readonly restored: ImageBitmap | undefined;
  readonly mode: Mode;
  /** 0 .. 1: how much of the restored picture is blended in. */
  readonly strength: number;
  readonly faces: readonly FaceFrame[];
  readonly framesShown: boolean;
}
