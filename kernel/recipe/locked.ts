import { z } from 'zod';
import { between, text, wholeNumber } from './values.ts';

const sha256 = z.string({ error: 'a SHA-256 sum in hexadecimal digits is expected' }).regex(/^[0-9a-f]{64}$/, { error: 'a SHA-256 sum in hexadecimal digits is expected' });
const hashed = z.strictObject({ file: text, sha256 }).readonly();
const number = z.number({ error: 'a number is expected' });
const box = z.tuple([number, number, number, number], { error: 'x, y, width and height are expected' }).readonly();
const count = wholeNumber(0, Number.MAX_SAFE_INTEGER);
const frames = z.tuple([count, count], { error: 'the first and the last frame are expected' }).readonly();

const face = z.strictObject({
  number: wholeNumber(1, 1e6), box, frames: frames.exactOptional(),
  /** The frames in which it was restored, where these are not all: of a clip that was exported in part. */
  restored: z.array(frames).readonly().exactOptional(),
}).readonly();

const device = z.strictObject({
  name: text, precision: text,
  /** What the driver calls the card; of a CPU, the processor. */
  card: text.exactOptional(),
  /** Threads of the CPU, where their number was chosen; else one for each core. */
  threads: wholeNumber(1, 4096).exactOptional(),
  /** Logical cores of the machine: encoders of clips divide their work by them. */
  cores: wholeNumber(1, 4096),
  /** Most faces computed at once, where there were several. */
  batch: wholeNumber(2, 4096).exactOptional(),
  /** Devices that failed in the middle and had made faces of it. */
  earlier: z.array(text).min(1).readonly().exactOptional(),
}).readonly();

/** What made a result, and what it came to. Paths are relative to the document, weights are named as their model names them. Frames are counted from 1. */
export const locked = z.strictObject({
  /** When it was made: an ISO date. */
  date: text,
  /** Sum of the options as they were written: tells whether somebody changed them since. */
  recipe: sha256,
  /** Sum of all that decides the result: what has the same one needs not be made again. */
  key: sha256,
  /** Sum of all of this but the names of files: tells whether somebody changed it since. */
  seal: sha256.exactOptional(),
  input: hashed,
  /** Its bytes; `pixels` is the sum of its decoded samples, which does not depend on how they are compressed. */
  result: z.strictObject({ file: text, sha256, pixels: sha256 }).readonly(),
  /** Faces are cut from a small picture that is enlarged before it grows (`restored`) or after (`exported`, by the editor). */
  way: z.enum(['restored', 'exported'], { error: 'restored or exported is expected' }),
  /** Every file that a network of this result was read from. */
  weights: z.array(z.strictObject({ name: text, sha256 }).readonly()).readonly(),
  versions: z.record(text, text),
  device,
  seed: wholeNumber(0, 2 ** 32 - 1),
  /** Boxes are x, y, width and height in pixels; of a clip, in the face's first frame. */
  faces: z.array(face).readonly(),
  figures: z.strictObject({ seconds: between(0, Number.MAX_VALUE), frames: count.exactOptional() }).readonly(),
}, { error: 'what a restoration wrote is expected' }).readonly();

export type Locked = z.infer<typeof locked>;
