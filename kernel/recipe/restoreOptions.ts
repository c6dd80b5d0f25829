import { z } from 'zod';
import { detectorChoices } from '../weights/detectorNames.ts';
import { samplerKinds } from '../weights/model.ts';
import { between, oneOf, seedNumber, text, wholeNumber, yesNo } from './values.ts';
import { key, wordsOf, type KeyWords } from './words.ts';

export const maskKinds = ['auto', 'parsing', 'oval'] as const;
export const backgroundKinds = ['auto', 'plain', 'realesrgan'] as const;
export const precisions = ['auto', 'float32', 'float16'] as const;
export const defaultSeed = 12345;
export const defaultSuffix = 'restored';

const facesExpected = "'all', 'largest' or numbers from 1 on are expected";
const faceChoice = z.union([z.literal('all'), z.literal('largest'), z.array(wholeNumber(1, 1e6)).min(1).readonly()], { error: facesExpected });
const song = 'Song et al. 2021 (arXiv 2010.02502), eq. 16';
const difface = 'Yue and Loy, TPAMI 2024 (arXiv 2212.06512)';

/** What decides how one face walks from its estimate back to a clean face. */
export const walkOptions = {
  model: key(text, {
    title: 'Model', meaning: 'What restores: `sample` (drawn faces only), `difface` (the official weights), a folder with a `model.json`, or `identity` (faces are found, cropped and pasted, not changed).',
    otherwise: '`difface` where its weights are installed, else `sample`', completes: 'model',
  }),
  sampler: key(oneOf(samplerKinds), {
    title: 'Sampler', meaning: 'How to walk back from the diffused estimate to a clean face.', otherwise: "the model's own",
    choices: { ddim: 'Song et al. 2021 (arXiv 2010.02502), eq. 12: noise by `eta`', ddpm: 'Ho et al. 2020 (arXiv 2006.11239), with the learned variance: every index below the start', 'dpm++': 'DPM-Solver++(2M), Lu et al. 2022 (arXiv 2211.01095): few steps, no noise' },
  }),
  start: key(wholeNumber(1, 1000), {
    title: 'Start step', meaning: 'To which index of the respaced chain the estimate is diffused. Higher contracts more of the estimate\'s error and invents more.', unit: 'index into the respaced chain',
    otherwise: "100 of 250 for `difface`, else the model's own", source: `${difface}, N in algorithm 1`,
  }),
  steps: key(wholeNumber(1, 1000), { title: 'Steps', meaning: 'Network calls from the start down to 0.', unit: 'calls', otherwise: "the model's own; 20 for `dpm++`" }),
  eta: key(between(0, 1), { title: 'Eta', meaning: 'How much noise DDIM adds on the way: 0 is deterministic, 1 as noisy as DDPM. Belongs to `ddim` alone.', otherwise: "the model's own, 0.5 for `difface`", source: song }),
  seed: key(seedNumber, { title: 'Seed', meaning: 'Seed of all noise: the same seed gives the same faces. Noise is a function of seed, face and timestep, so all frames of a clip share it.', standing: defaultSeed }),
  precision: key(oneOf(precisions), {
    title: 'Precision', meaning: 'Numbers the networks compute in.', standing: 'auto',
    choices: { auto: 'float16 on a graphics card that passed its trial with it, else float32', float32: 'exact; slower on graphics cards', float16: 'half the memory; normalisation and softmax stay in float32' },
  }),
  detector: key(oneOf(detectorChoices), {
    title: 'Detector', meaning: 'What finds the faces.', standing: 'auto',
    choices: {
      auto: 'RetinaFace where its weights are installed, and the built-in detector where that finds none', builtin: 'BlazeFace, part of the product', retinaface: 'RetinaFace with ResNet-50, as the published method uses it',
      'retinaface-mobilenet': 'RetinaFace with MobileNet: smaller and faster', yolov5l: 'YOLOv5-face, large', yolov5n: 'YOLOv5-face, nano: the fastest of those that are installed',
    },
  }),
  aligned: key(yesNo, { title: 'Aligned', meaning: 'The picture is one aligned face crop: nothing is detected or pasted.', standing: false }),
  independentNoise: key(yesNo, { title: 'Independent noise', meaning: 'Every frame of a clip draws its own noise. The flicker this causes is what shared noise removes; for comparison only.', standing: false }),
} as const;

const { sampler, eta } = walkOptions;
const turn = z.strictObject({
  at: key(wholeNumber(0, 999), { title: 'From state', meaning: 'The state from which the face goes another way, counted in network calls from the start: 0 is the diffused estimate.', unit: 'calls' }),
  sampler: key(sampler, { title: 'Sampler', meaning: 'How it walks from there.', ...choicesOf(sampler) }),
  steps: key(wholeNumber(1, 1000), { title: 'Steps', meaning: 'Network calls from there down to 0.', unit: 'calls' }),
  eta: key(eta, { title: 'Eta', meaning: 'How much noise DDIM adds from there on; 0 for the other samplers.', source: song }),
  seed: key(seedNumber, { title: 'Seed', meaning: 'Seed of the noise from there on.' }),
}).readonly();

/** What is done with restored faces, and where the result goes. */
const resultOptions = {
  faces: key(faceChoice, { title: 'Faces', meaning: '`all`, `largest`, or a list of numbers, counted from 1 in reading order (of a clip: in order of appearance).', standing: 'all', choices: { all: 'every face', largest: 'the largest face alone' } }),
  strength: key(between(0, 1), { title: 'Strength', meaning: 'How much of the restored face is blended in: 0 none, 1 all of it.', standing: 1 }),
  mask: key(oneOf(maskKinds), {
    title: 'Mask', meaning: 'Which pixels of a restored crop are pasted.', standing: 'auto',
    choices: { auto: '`parsing` where ParseNet is installed and the model is for photographs, else `oval`', parsing: 'the parts of the face that ParseNet tells', oval: 'an oval around the face' },
  }),
  upscale: key(z.union([z.literal(1), z.literal(2)], { error: '1 or 2 is expected' }), { title: 'Size', meaning: 'How many times the result is larger than the picture.', standing: 1, choices: { 1: 'the size of the picture', 2: 'twice as wide and as high' } }),
  background: key(oneOf(backgroundKinds), {
    title: 'Background', meaning: 'What stands behind the faces.', standing: 'auto',
    choices: { auto: 'Real-ESRGAN where it is installed and the result is enlarged, else the picture', plain: 'the picture itself', realesrgan: 'what Real-ESRGAN makes of it' },
  }),
  matchColours: key(yesNo, { title: 'Match colours', meaning: 'Restored faces get the colours they have in the picture: networks may drift. Detail stays what they made.', standing: false }),
  backboneOnly: key(yesNo, { title: 'Backbone only', meaning: 'Stop after the backbone: its estimate is the result.', standing: false, source: `${difface}, f(y0; w) in eq. 9` }),
  trajectory: key(yesNo, { title: 'Trajectory', meaning: 'Also keep the states of the walk (x_t and predX0) as pictures and `.npy` beside the result.', standing: false }),
  branches: key(z.array(z.strictObject({
    face: key(wholeNumber(1, 1e6), { title: 'Face', meaning: 'The face that walks so, counted from 1 in reading order (of a clip: in order of appearance).' }),
    turns: key(z.array(turn).min(1).readonly(), { title: 'Turns', meaning: 'Where it goes another way, and how: one turn or several, each from a later state than the one before.' }),
  })).readonly(), {
    title: 'Branches', meaning: 'Faces that walk another way than the rest: from the state `at` on (counted in calls), another sampler, eta and seed are taken.', standing: [], otherwise: 'none',
  }),
  blend: key(z.union([z.literal('none'), z.strictObject({
    seeds: key(wholeNumber(2, 64), { title: 'Seeds', meaning: 'Over how many seeds the deviation is taken.', unit: 'seeds' }),
    above: key(between(0, 2), { title: 'Above', meaning: 'Where results deviate by more, the estimate is blended in.', unit: 'standard deviation of values in [-1, 1]' }),
  })], { error: "'none', or seeds (2 to 64) and above (0 to 2) are expected" }), {
    title: 'Blend', meaning: 'The backbone\'s estimate is blended in where results of so many seeds deviate by more than `above` (values in [-1, 1]): what differs from seed to seed was invented.', standing: 'none',
  }),
  output: key(text, { title: 'Output folder', meaning: 'Folder for results; it is made where it is not there.', otherwise: 'beside the original', completes: 'folder' }),
  suffix: key(z.string({ error: 'a word is expected' }).regex(/^(?=.*[^.\s])[^\\/\p{Cc}]+$/u, { error: "a word that can stand in a file name is expected, such as 'restored': without slashes, and more than dots" }), { title: 'Suffix', meaning: "What stands between a result's name and its extension.", standing: defaultSuffix, otherwise: defaultSuffix }),
  codec: key(text, {
    title: 'Codec', meaning: 'Video codec of a restored clip, as ffmpeg names its family.', otherwise: "the source's",
    choices: { h264: 'plays everywhere', hevc: 'smaller than h264', vp9: 'free of royalties, plays in browsers', av1: 'the smallest, slow to make', ffv1: 'lossless, in Matroska' },
  }),
} as const;

/** The shape of `RestoreRequest`: every option of a restoration, declared once for recipes, the command line, the editor and the documentation. */
export const restoreOptions = { ...walkOptions, ...resultOptions } as const;

function choicesOf(schema: z.ZodType): Pick<KeyWords, 'choices'> {
  const choices = wordsOf(schema)?.choices;
  return choices ? { choices } : {};
}

/** Options may be left out, and nothing else may be there. */
export function optional<T extends Readonly<Record<string, z.ZodType>>>(shape: T): { [K in keyof T]: z.ZodExactOptional<T[K]> } {
  return Object.fromEntries(Object.entries(shape).map(([name, schema]) => [name, schema.exactOptional()])) as never;
}

export const restoreRequest = z.strictObject(optional(restoreOptions)).readonly();

/** What a person may ask of one restoration; what is left out takes the model's own default. All of it travels as JSON. */
export type RestoreRequest = z.infer<typeof restoreRequest>;

/** The options of a restoration among the keys of an action. */
export function restorePart(keys: Readonly<Record<string, unknown>>): RestoreRequest {
  return among(restoreOptions, keys);
}

/** Of them, those that decide a walk. */
export function walkPart(keys: Readonly<Record<string, unknown>>): RestoreRequest {
  return among(walkOptions, keys);
}

function among(options: object, keys: Readonly<Record<string, unknown>>): RestoreRequest {
  return Object.fromEntries(Object.entries(keys).filter(([name]) => Object.hasOwn(options, name)));
}

/** What holds where an option is left out, whatever the model is. */
export const standing: RestoreRequest = Object.fromEntries(Object.entries(restoreOptions).flatMap(([name, schema]) => {
  const value = wordsOf(schema)?.standing;
  return value === undefined ? [] : [[name, value]];
}));

/** Whether faces walk back from noise; without a walk the seed, which any request may say, is of no matter. */
export function hasWalk({ model, backboneOnly }: Pick<RestoreRequest, 'model' | 'backboneOnly'>): boolean {
  return model !== 'identity' && backboneOnly !== true;
}

export type FaceChoice = z.infer<typeof faceChoice>;
