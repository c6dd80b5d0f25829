import { scaledToFit } from '../media/image.ts';
import { tensorToRgb } from '../tensor/imageTensor.ts';
import type { RgbImage } from '../tensor/rgbImage.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { drawNumber, numberSize } from './digits.ts';
import type { StoredWalk } from './storedWalk.ts';

/** Wider pictures many programs do not open. */
const widest = 8000;
/** Pixels of a whole figure, 192 MB: a hundred steps of 512 px are drawn in full, more of them smaller. */
const pixelLimit = 64e6;
const gap = 4;
/** Crops smaller than this have no room for a number above them. */
const smallestLabelled = 32;

/** A state as a picture: [-1, 1] becomes 0 .. 255, and what noise lies beyond is clipped. */
export function stateToRgb({ data, shape }: Tensor): RgbImage {
  const unit = new Float32Array(data.length);
  for (let i = 0; i < unit.length; i++) unit[i] = data[i]! * 0.5 + 0.5;
  return tensorToRgb({ data: unit, shape });
}

/** Pictures of one size in rows, on white. @param space between them in pixels */
export function sheet(rows: readonly (readonly RgbImage[])[], space = 0): RgbImage {
  const { width, height } = rows[0]![0]!;
  const columns = Math.max(...rows.map((row) => row.length));
  const whole = blank(columns * (width + space) - space, rows.length * (height + space) - space);
  for (const [r, row] of rows.entries()) for (const [c, image] of row.entries()) place(whole, image, c * (width + space), r * (height + space));
  return whole;
}

/**
 * A walk as one picture: above the degraded input, every kept x_t with its timestep, and x_0; below the backbone's estimate, every predX0, and the result.
 * Long walks go on in further double rows, none wider than 8000 px.
 * @throws KernelFailure('input') when a state cannot be read
 */
export async function strip(walk: StoredWalk): Promise<RgbImage> {
  const { info } = walk;
  const orders = info.kept.filter((order) => order < info.steps.length);
  const count = orders.length + 2;
  const side = Math.min(info.size, Math.floor(Math.sqrt(pixelLimit / (2 * count))));
  const lines = Math.ceil(count / Math.floor((widest + gap) / (side + gap)));
  const columns = Math.ceil(count / lines);
  const scale = labelScale(side);
  const above = scale > 0 ? numberSize(0, scale).height + gap : 0;
  const lineHeight = above + 2 * (side + gap);
  const whole = blank(columns * (side + gap) - gap, lines * (lineHeight + 2 * gap) - 3 * gap);
  const draw = async (index: number, upper: Tensor, lower: Tensor, t?: number): Promise<void> => {
    const left = (index % columns) * (side + gap);
    const top = Math.floor(index / columns) * (lineHeight + 2 * gap);
    if (t !== undefined) label(whole, t, left + side / 2, top, scale);
    place(whole, await scaledToFit(stateToRgb(upper), side), left, top + above);
    place(whole, await scaledToFit(stateToRgb(lower), side), left, top + above + side + gap);
  };
  await draw(0, await walk.read('input', 0), await walk.read('estimate', 0));
  for (const [i, order] of orders.entries()) await draw(i + 1, await walk.read('xT', order), await walk.read('predX0', order), info.steps[order]!.t);
  const result = await walk.read('xT', info.steps.length);
  await draw(count - 1, result, result);
  return whole;
}

/**
 * The same walk of a face in several frames as one picture: diffusion time across (predX0 of every kept step under its timestep, then the result), video time
 * down (each row under the number of its frame). Cells are as large as 8000 px of width allow.
 * @param frames number of each walk's frame
 * @throws RangeError when the walks do not keep the same steps; KernelFailure('input') when a state cannot be read
 */
export async function grid(walks: readonly StoredWalk[], frames: readonly number[]): Promise<RgbImage> {
  const { info } = walks[0] ?? noWalk();
  if (frames.length !== walks.length || walks.some((walk) => walk.info.kept.join() !== info.kept.join() || walk.info.steps.length !== info.steps.length)) throw new RangeError('a grid needs walks that keep the same steps, and the number of each one\'s frame');
  const columns = info.kept.length;
  const side = Math.min(info.size, Math.floor((0.95 * widest) / columns) - gap, Math.floor(Math.sqrt(pixelLimit / (columns * walks.length))));
  const scale = labelScale(side);
  const [beside, above] = scale > 0 ? [Math.max(...frames.map((frame) => numberSize(frame, scale).width)) + gap, numberSize(0, scale).height + gap] : [0, 0];
  const whole = blank(beside + columns * (side + gap) - gap, above + walks.length * (side + gap) - gap);
  for (const [column, order] of info.kept.entries()) {
    const step = info.steps[order];
    if (step) label(whole, step.t, beside + column * (side + gap) + side / 2, 0, scale);
  }
  for (const [row, walk] of walks.entries()) {
    const top = above + row * (side + gap);
    if (scale > 0) drawNumber(whole, frames[row]!, 0, top + Math.floor((side - above) / 2), scale);
    for (const [column, order] of info.kept.entries()) {
      const state = await walk.read(order < info.steps.length ? 'predX0' : 'xT', order);
      place(whole, await scaledToFit(stateToRgb(state), side), beside + column * (side + gap), top);
    }
  }
  return whole;
}

function noWalk(): never {
  throw new RangeError('a grid needs a walk');
}

function blank(width: number, height: number): RgbImage {
  return { width, height, data: new Uint8Array(3 * width * height).fill(255) };
}

function place(whole: RgbImage, image: RgbImage, left: number, top: number): void {
  for (let y = 0; y < image.height; y++) whole.data.set(image.data.subarray(3 * y * image.width, 3 * (y + 1) * image.width), 3 * ((top + y) * whole.width + left));
}

/** How much the digits above cells of this side are enlarged; 0 for none. */
function labelScale(side: number): number {
  return side < smallestLabelled ? 0 : Math.max(1, Math.round(side / 64));
}

/** A timestep, the solver's rounded, centred above a cell. */
function label(whole: RgbImage, t: number, centre: number, top: number, scale: number): void {
  const value = Math.round(t);
  if (scale > 0) drawNumber(whole, value, Math.round(centre - numberSize(value, scale).width / 2), top, scale);
}
