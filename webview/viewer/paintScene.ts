import type { Rect, Size } from './panZoom.ts';
import type { Scene } from './scene.ts';

export interface Looking {
  /** Where the line between original and restored stands: share of the room's width. */
  readonly wipe: number;
  /** The original stands in the place of what is restored. */
  readonly originalOnly: boolean;
}

/** Draws original and restored picture as the scene wants them. @param at place of the picture in the room, or in each of two rooms side by side */
export function paintScene(context: CanvasRenderingContext2D, scene: Scene, at: Rect, room: Size, { wipe, originalOnly }: Looking): void {
  context.imageSmoothingEnabled = at.width / scene.size.width < 2;
  context.imageSmoothingQuality = 'high';
  const clip = (x: number, width: number, paint: () => void): void => {
    context.save();
    context.beginPath();
    context.rect(x, 0, width, room.height);
    context.clip();
    paint();
    context.restore();
  };
  const original = (x = 0): void => {
    if (drawable(scene.original)) context.drawImage(scene.original, at.x + x, at.y, at.width, at.height);
  };
  const restored = (x = 0): void => {
    original(x);
    if (originalOnly || !drawable(scene.restored)) return;
    context.globalAlpha = scene.strength;
    context.drawImage(scene.restored, at.x + x, at.y, at.width, at.height);
    context.globalAlpha = 1;
  };
  switch (scene.mode) {
    case 'original':
      original();
      break;
    case 'restored':
      restored();
      break;
    case 'split': {
      const line = wipe * room.width;
      clip(0, line, original);
      clip(line, room.width - line, restored);
      break;
    }
    case 'side':
      clip(0, room.width - 1, original);
      clip(room.width + 1, room.width - 1, () => { restored(room.width); });
      break;
    default:
      scene.mode satisfies never;
  }
}

/** A picture that was replaced since the scene was set is closed, and has no size. */
export function drawable(picture: ImageBitmap | undefined): picture is ImageBitmap {
  return picture !== undefined && picture.width > 0;
}
