import type { ColourMap } from './colourMap.ts';
import type { SignedMap } from './difference.ts';
import { paintColours, paintMap, paintOverlay } from './paintTensor.ts';
import { valuesAt, type Tensor } from './tensor.ts';

/** What is painted in a pane. */
export type PanePicture =
  | { readonly kind: 'colours'; readonly tensor: Tensor; readonly low: number; readonly high: number; readonly overlay: Overlay | undefined }
  | { readonly kind: 'signed'; readonly map: SignedMap; readonly of: Tensor; readonly to: Tensor; readonly scale: number; readonly colours: ColourMap }
  | { readonly kind: 'sequential'; readonly tensor: Tensor; readonly peak: number; readonly colours: ColourMap };

/** A map of one value for each pixel, laid over a picture. */
export interface Overlay {
  readonly tensor: Tensor;
  readonly peak: number;
  readonly opacity: number;
  readonly colours: ColourMap;
}

/** One side of a pane, or all of it. */
export interface PaneSide {
  /** Undefined until it is there. */
  readonly picture: PanePicture | undefined;
  /** Stands for it meanwhile. */
  readonly preview: ImageBitmap | undefined;
}

export interface Pane extends PaneSide {
  readonly key: string;
  readonly title: string;
  readonly detail: string;
  /** What lies right of the line, where two walks share the pane. */
  readonly right?: PaneSide;
}

export function sideOf(picture: PanePicture): { readonly width: number; readonly height: number } {
  const { width, height } = picture.kind === 'signed' ? picture.map : picture.tensor;
  return { width, height };
}

/** Paints a picture pixel for pixel. */
export function paintPicture(picture: PanePicture, canvas: HTMLCanvasElement): void {
  const { width, height } = sideOf(picture);
  if (canvas.width !== width || canvas.height !== height) [canvas.width, canvas.height] = [width, height];
  const context = canvas.getContext('2d')!;
  const image = scratch(width, height);
  switch (picture.kind) {
    case 'colours':
      paintColours(picture.tensor, picture.low, picture.high, image.data);
      break;
    case 'signed':
      paintMap(picture.map.values, picture.colours, -picture.scale, picture.scale, image.data);
      break;
    case 'sequential':
      paintMap(picture.tensor.values as Float32Array, picture.colours, 0, picture.peak, image.data);
      break;
    default:
      picture satisfies never;
  }
  context.putImageData(image, 0, 0);
  if (picture.kind === 'colours' && picture.overlay) lay(picture.overlay, context);
}

/** One for all panes: each is painted and put down before the next. */
let scratchImage: ImageData | undefined;

function scratch(width: number, height: number): ImageData {
  if (scratchImage?.width !== width || scratchImage.height !== height) scratchImage = new ImageData(width, height);
  return scratchImage;
}

function lay({ tensor, peak, opacity, colours }: Overlay, context: CanvasRenderingContext2D): void {
  const over = new OffscreenCanvas(tensor.width, tensor.height);
  const image = new ImageData(tensor.width, tensor.height);
  paintOverlay(tensor.values as Float32Array, colours, peak, opacity, image.data);
  over.getContext('2d')!.putImageData(image, 0, 0);
  context.drawImage(over, 0, 0);
}

/** Whether two pictures look the same, without looking at their pixels. */
export function samePicture(a: PanePicture | undefined, b: PanePicture | undefined): boolean {
  if (!a || !b || a.kind !== b.kind) return a === b;
  const flat = (picture: PanePicture): readonly unknown[] => Object.values(picture.kind === 'colours' && picture.overlay ? { ...picture, ...picture.overlay, under: picture.tensor, overlay: undefined } : picture);
  const [one, two] = [flat(a), flat(b)];
  return one.length === two.length && one.every((value, i) => value === two[i]);
}

/** The values at a pixel as a person reads them, R, G and B in the sampler's units. */
export function readout(picture: PanePicture, x: number, y: number, digits: number): string {
  switch (picture.kind) {
    case 'colours':
      return listed(valuesAt(picture.tensor, x, y), digits);
    case 'signed': {
      const to = valuesAt(picture.to, x, y);
      return listed(valuesAt(picture.of, x, y).map((value, i) => value - to[i]!), digits);
    }
    case 'sequential':
      return `σ ${valuesAt(picture.tensor, x, y)[0]!.toFixed(4)}`;
    default:
      return picture satisfies never;
  }
}

/** Each with its sign, so that they stand below each other. */
function listed(values: readonly number[], digits: number): string {
  return values.map((value) => `${value < 0 ? '−' : '+'}${Math.abs(value).toFixed(digits)}`).join(' ');
}
