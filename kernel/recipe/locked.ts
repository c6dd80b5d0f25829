import { z } from 'zod';
import { between, text, wholeNumber } from './values.ts';
import { key } from './words.ts';

const sum = z.string({ error: 'a SHA-256 sum in hexadecimal digits is expected' }).regex(/^[0-9a-f]{64}$/, { error: 'a SHA-256 sum in hexadecimal digits is expected' });
const number = z.number({ error: 'a number is expected' });
const box = z.tuple([number, number, number, number], { error: 'x, y, width and height are expected' }).readonly();
const count = wholeNumber(0, Number.MAX_SAFE_INTEGER);
const frames = z.tuple([count, count], { error: 'the first and the last frame are expected' }).readonly();

const file = key(text, { title: 'File', meaning: 'Its path, relative to the document.' });
const sha256 = key(sum, { title: 'Sum', meaning: 'SHA-256 sum of its bytes.' });

const face = z.strictObject({
  number: key(wholeNumber(1, 1e6), { title: 'Face', meaning: 'Which face, counted from 1.' }),
  box: key(box, { title: 'Box', meaning: 'Where it is: x, y, width and height; of a clip, in its first frame.', unit: 'pixels' }),
  frames: key(frames, { title: 'Frames', meaning: 'Of a clip: the first and the last frame in which it is seen, counted from 1.', otherwise: 'a picture' }).exactOptional(),
  restored: key(z.array(frames).readonly(), { title: 'Restored frames', meaning: 'The frames in which it was restored, where these are not all: of a clip that was exported in part.', otherwise: 'all in which it is seen' }).exactOptional(),
}).readonly();

const device = z.strictObject({
  name: key(text, { title: 'Name', meaning: 'The device that the networks ran on.' }),
  precision: key(text, { title: 'Precision', meaning: 'The numbers that they computed in.' }),
  card: key(text, { title: 'Card', meaning: 'What the driver calls the card; of a CPU, the processor.', otherwise: 'nobody told' }).exactOptional(),
  threads: key(wholeNumber(1, 4096), { title: 'Threads', meaning: 'Threads of the CPU, where their number was chosen.', otherwise: 'one for each core' }).exactOptional(),
  cores: key(wholeNumber(1, 4096), { title: 'Cores', meaning: 'Logical cores of the machine: encoders of clips divide their work by them.' }),
  batch: key(wholeNumber(2, 4096), { title: 'Batch', meaning: 'Most faces computed at once.', otherwise: 'one at a time' }).exactOptional(),
  earlier: key(z.array(text).min(1).readonly(), { title: 'Earlier devices', meaning: 'Devices that failed in the middle and had made faces of it.', otherwise: 'none' }).exactOptional(),
}).readonly();

const result = z.strictObject({
  file, sha256,
  pixels: key(sum, { title: 'Sum of pixels', meaning: 'SHA-256 sum of its decoded samples, which does not depend on how they are compressed.' }),
}).readonly();

const figures = z.strictObject({
  seconds: key(between(0, Number.MAX_VALUE), { title: 'Time', meaning: 'How long it took.', unit: 'seconds' }),
  frames: key(count, { title: 'Frames', meaning: 'How many frames the clip has.', otherwise: 'a picture' }).exactOptional(),
}).readonly();

/** What made a result, and what it came to. Paths are relative to the document, weights are named as their model names them. Frames are counted from 1. */
export const locked = z.strictObject({
  date: key(text, { title: 'Date', meaning: 'When it was made, as an ISO date.' }),
  recipe: key(sum, { title: 'Sum of the recipe', meaning: 'Sum of the options as they were written: tells whether somebody changed them since.' }),
  key: key(sum, { title: 'Key', meaning: 'Sum of all that decides the result: what has the same one needs not be made again.' }),
  seal: key(sum, { title: 'Seal', meaning: 'Sum of all of this but the names of files: tells whether somebody changed it since.', otherwise: 'changes are not noticed' }).exactOptional(),
  input: key(z.strictObject({ file, sha256 }).readonly(), { title: 'Input', meaning: 'The file that was restored.' }),
  result: key(result, { title: 'Result', meaning: 'The file that was made.' }),
  way: key(z.enum(['restored', 'exported'], { error: 'restored or exported is expected' }), {
    title: 'Way', meaning: 'How it was made: faces are cut from a small picture that is enlarged before it grows, or after.', choices: { restored: 'by a restoration: before', exported: 'by the editor: after' },
  }),
  weights: key(z.array(z.strictObject({ name: key(text, { title: 'Name', meaning: 'What its model calls it.' }), sha256 }).readonly()).readonly(), { title: 'Weights', meaning: 'Every file that a network of this result was read from.' }),
  versions: key(z.record(text, text), { title: 'Versions', meaning: 'Of the product and of the programs and libraries that decided the result.' }),
  device: key(device, { title: 'Device', meaning: 'Where the networks ran.' }),
  seed: key(wholeNumber(0, 2 ** 32 - 1), { title: 'Seed', meaning: 'The seed of all noise.' }),
  faces: key(z.array(face).readonly(), { title: 'Faces', meaning: 'The faces that were restored.' }),
  figures: key(figures, { title: 'Figures', meaning: 'How long it took, and how much it was.' }),
}, { error: 'what a restoration wrote is expected' }).readonly();

export type Locked = z.infer<typeof locked>;
