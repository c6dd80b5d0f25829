import type { FramePlace } from '../pipeline/viewTypes.ts';

/** A file that the receiver reads and then deletes: pixels do not travel in messages. */
export interface HandedOver {
  readonly file: string;
  /** It belongs to the kernel: read at once, from the offset to its end, it is not deleted. */
  readonly lasting?: { readonly offset: number };
}

export interface HandedFrames extends HandedOver {
  /** Another request came first: frames are missing that the clip has. */
  readonly interrupted: boolean;
  readonly frames: readonly FramePlace[];
}

/** Interleaved 16-bit samples, little endian. */
export interface HandedSound extends HandedOver {
  readonly sampleRate: number;
  readonly channels: number;
}

export interface Written {
  readonly path: string;
}
