import { enlargeSmall, resizeLanczos4, resizeLinear, resizeSamples } from '../faces/resize.ts';
import { fromSrgb } from '../media/colourProfile.ts';
import type { Picture } from '../media/image.ts';
import type { RgbImage, Samples } from '../tensor/rgbImage.ts';
import { OptionFailure } from '../failure.ts';
import type { Engine } from './engine.ts';
import type { Pasting } from './pasting.ts';
import type { OnProgress } from './progress.ts';
import { resultSize } from './resultSize.ts';

export interface BackgroundOptions {
  readonly engine: Pick<Engine, 'enlarge'>;
  readonly pasting: Pasting;
  readonly signal: AbortSignal;
  readonly onProgress: OnProgress;
}

/** What faces are pasted onto. */
export interface Background {
  /** As it will be written: a picture of its own, which may be changed. */
  readonly picture: Picture;
  /** Where faces are cut from: the picture as it was, or enlarged where it is small. */
  readonly view: RgbImage;
  /** Pixels of `view` for one of the picture. */
  readonly factor: number;
  readonly notes: readonly string[];
}

/** Larger results do not fit into the memory that can be counted on. */
const pixelLimit = 300_000_000;

/**
 * What stands behind the faces of a picture. Where the result is enlarged, small pictures are enlarged to a shorter side of 512 px first, as the reference does; colours,
 * depth and transparency are kept. RealESRGAN gives 8 bit.
 * @throws KernelFailure('usage') when the result would be too large
 */
export async function backgroundOf(picture: Picture, options: BackgroundOptions): Promise<Background> {
  const { upscale, background } = options.pasting;
  const { image, view, alpha } = picture;
  if (upscale === 1 && background === 'plain') return { picture: { ...picture, image: { ...image, data: image.data.slice() } }, view, factor: 1, notes: [] };
  const small = upscale === 1 ? { image: view, factor: 1 } : enlargeSmall(view);
  const { width, height } = resultSize(view, 'picture', upscale);
  checkSize(picture.path, width, height);
  const own = image.data === view.data ? small.image : { width: small.image.width, height: small.image.height, data: small.factor === 1 ? image.data : resizeSamples(image.data, 3, image, small.image.width, small.image.height) };
  const enlarged: RgbImage<Samples> = background === 'plain'
    ? { width, height, data: resizeSamples(own.data, 3, own, width, height) }
    : await inColoursOf(picture, await behindFaces(small.image, options));
  return {
    picture: { ...picture, image: enlarged, ...(alpha ? { alpha: resizeSamples(alpha, 1, image, width, height) } : {}) },
    view: small.image, factor: small.factor,
    notes: small.factor === 1 ? [] : [`the picture is small and was enlarged to ${small.image.width}x${small.image.height} first, as the published method does`],
  };
}

/** Whether frames have to be made anew before faces are pasted. */
export function needsBackground({ upscale, background }: Pasting): boolean {
  return upscale > 1 || background !== 'plain';
}

/** What stands behind the faces of an 8-bit sRGB picture or frame, in the size of the result. */
export async function behindFaces(image: RgbImage, { engine, pasting: { upscale, background }, signal, onProgress }: BackgroundOptions): Promise<RgbImage> {
  const [width, height] = [image.width * upscale, image.height * upscale];
  if (background === 'plain') return resizeLinear(image, width, height);
  const twice = await engine.enlarge(image, signal, (tile, tiles) => {
    onProgress({ stage: 'enlarging', tile, tiles });
  });
  return twice.width === width ? twice : resizeLanczos4(twice, width, height);
}

async function inColoursOf({ image, profile }: Picture, rebuilt: RgbImage): Promise<RgbImage<Samples>> {
  const coloured = await fromSrgb(rebuilt, profile);
  return image.data instanceof Uint16Array ? { ...coloured, data: Uint16Array.from(coloured.data, (value) => value * 257) } : coloured;
}

function checkSize(path: string, width: number, height: number): void {
  if (width * height > pixelLimit) throw new OptionFailure('usage', 'upscale', `${path} would have ${width}x${height} pixels; results of up to ${pixelLimit / 1e6} megapixels can be made: leave --upscale away, or scale the picture down first`);
}
