import type { Face } from '../faces/face.ts';

/** What an editor is told of a file it shows. */
export type MediaInfo = PictureInfo | ClipViewInfo;

export interface PictureInfo {
  readonly kind: 'picture';
  readonly path: string;
  readonly format: string;
  /** Upright, in pixels. */
  readonly width: number;
  readonly height: number;
  /** What a person should know about how it was read. */
  readonly notes: readonly string[];
}

export interface ClipViewInfo {
  readonly kind: 'clip';
  readonly path: string;
  readonly codec: string;
  readonly width: number;
  readonly height: number;
  /** Width of a pixel over its height. */
  readonly pixelAspect: number;
  readonly frameRate: number;
  /** Seconds, as the container says; 0 when it does not. */
  readonly duration: number;
  /** Ticks a second of the presentation times. */
  readonly ticksPerSecond: number;
  /** First presentation time, in ticks. */
  readonly start: number;
  readonly sound: boolean;
}

/** A face of a picture, or one person through a clip. */
export interface FoundFace {
  /** Counted from 1: in reading order; in a clip in order of appearance. */
  readonly number: number;
  /** In pixels of the upright frame, one for each frame from `first` on. */
  readonly boxes: readonly Face['box'][];
  /** First frame; 0 in a picture. */
  readonly first: number;
  /** First and last frame of each gap in which the face was not seen. */
  readonly bridged: readonly (readonly [number, number])[];
  /** Distance of the eyes in pixels: how much there is to restore from. */
  readonly eyeDistance: number;
  /** Why it is not restored unless it is chosen: it is too small, or seen too far from the side. */
  readonly gate?: 'tiny' | 'profile';
}

export interface FramePlace {
  readonly ticks: number;
  /** Where the JPEG lies in the file that is handed over. */
  readonly original: readonly [offset: number, length: number];
  readonly restored?: readonly [offset: number, length: number];
}
