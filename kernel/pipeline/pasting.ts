import { cropFace } from '../faces/align.ts';
import { matchColours } from '../faces/colourMatch.ts';
import type { Labels } from '../faces/mask.ts';
import { pasteFace } from '../faces/paste.ts';
import type { Similarity } from '../faces/similarity.ts';
import type { RgbImage, Samples } from '../tensor/rgbImage.ts';
import { hasOfficialNetwork, officialNetworkFile } from '../weights/officialNetwork.ts';
import type { RestorationModel } from '../weights/model.ts';
import type { RestoreRequest } from '../recipe/restoreOptions.ts';
import type { Beside } from './engine.ts';

/** How restored crops come into the picture, and what is behind them: nothing of it changes a crop. */
export interface Pasting {
  /** Which pixels of a crop are pasted: the parts of the face the parser tells, or a fixed oval. */
  readonly mask: 'parsing' | 'oval';
  /** Crops get the colours the faces have in the picture. */
  readonly matchColours: boolean;
  readonly upscale: 1 | 2;
  /** `plain`: the picture itself, resampled where it is enlarged. */
  readonly background: 'plain' | 'realesrgan';
}

/** A restored crop and what is known of it. */
export interface RestoredCrop {
  readonly image: RgbImage;
  /** What the parser sees in it, where it was asked. */
  readonly labels?: Labels;
}

/** @throws KernelFailure('weights') when a network is asked for by name and not installed */
export function pastingOf({ mask = 'auto', upscale = 1, background = 'auto', matchColours: match = false, aligned }: RestoreRequest, model: RestorationModel | undefined): Pasting {
  if (mask === 'parsing') officialNetworkFile('parsenet');
  if (background === 'realesrgan') officialNetworkFile('realesrgan');
  const parsed = mask === 'parsing' || (mask === 'auto' && model?.mask !== 'oval' && hasOfficialNetwork('parsenet'));
  const rebuilt = background === 'realesrgan' || (background === 'auto' && upscale > 1 && hasOfficialNetwork('realesrgan'));
  return { mask: parsed && aligned !== true ? 'parsing' : 'oval', matchColours: match, upscale, background: rebuilt ? 'realesrgan' : 'plain' };
}

/** The networks that look at restored crops. */
export function besideCrops({ mask }: Pasting): readonly Beside[] {
  return mask === 'parsing' ? ['parsenet'] : [];
}

/** The networks that are asked before a result with restored faces is written. */
export function besideFaces(pasting: Pasting): readonly Beside[] {
  return [...besideCrops(pasting), ...(pasting.background === 'realesrgan' ? ['rrdbnet'] as const : [])];
}

/** Where a restored crop goes. */
export interface PasteTarget {
  /** Changed in place; enlarged as the pasting says. */
  readonly picture: RgbImage<Samples>;
  /** From the picture before it was enlarged. */
  readonly toCrop: Similarity;
  readonly strength: number;
}

/**
 * Pastes a crop as the reference does where the parser told the parts, else with the oval.
 * @param image the crop's pixels, in the colours of the picture
 */
export function pasteCrop({ picture, toCrop, strength }: PasteTarget, image: RgbImage, labels: Labels | undefined, { upscale }: Pick<Pasting, 'upscale'>): void {
  if (labels) pasteFace(picture, image, toCrop, { mask: { kind: 'reference', labels }, upscale, strength, rounding: 'truncate' });
  else pasteFace(picture, image, toCrop, { mask: { kind: 'oval' }, upscale, strength });
}

/**
 * The crop in the colours the pasting asks for.
 * @param view the picture it was cut from, as it was
 */
export function colouredCrop({ image }: RestoredCrop, view: RgbImage, toCrop: Similarity, { matchColours: match }: Pasting): RgbImage {
  return match ? matchColours(image, cropFace(view, toCrop, image.width)) : image;
}
