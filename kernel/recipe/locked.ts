import { z } from 'zod';
import { between, text, wholeNumber } from './values.ts';

const sha256 = z.string({ error: 'a SHA-256 sum in hexadecimal digits is expected' }).regex(/^[0-9a-f]{64}$/, { error: 'a SHA-256 sum in hexadecimal digits is expected' });
const hashed = z.strictObject({ file: text, sha256 }).readonly();
const number = z.number({ error: 'a number is expected' });
const box = z.tuple([number, number, number, number], { error: 'x, y, width and height are expected' }).readonly();
const count = wholeNumber(0, Number.MAX_SAFE_INTEGER);

/** What made a result, and what it came to. Paths are relative to the document, weights are named as their model names them. */
export const locked = z.strictObject({
  input: hashed,
  /** Its bytes; `pixels` is the sum of its decoded samples, which does not depend on how they are compressed. */
  result: z.strictObject({ file: text, sha256, pixels: sha256 }).readonly(),
  /** Every file of weights that a network of this result was read from. */
  weights: z.array(z.strictObject({ name: text, sha256 }).readonly()).readonly(),
  versions: z.record(text, text),
  device: z.strictObject({ name: text, precision: text, card: text.exactOptional(), threads: wholeNumber(1, 4096).exactOptional() }).readonly(),
  seed: wholeNumber(0, 2 ** 32 - 1),
  /** Boxes are x, y, width and height in pixels; of a clip, in the face's first frame. Frames are counted from 1. */
  faces: z.array(z.strictObject({ number: wholeNumber(1, 1e6), box, frames: z.tuple([count, count]).readonly().exactOptional() }).readonly()).readonly(),
  figures: z.strictObject({ seconds: between(0, Number.MAX_VALUE), frames: count.exactOptional() }).readonly(),
}, { error: 'what a restoration wrote is expected' }).readonly();

export type Locked = z.infer<typeof locked>;
