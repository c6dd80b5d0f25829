import { z } from 'zod';
import { KernelFailure } from '../failure.ts';
import { detectorChoices } from '../weights/detectorNames.ts';
import { samplerKinds, type RestorationModel } from '../weights/model.ts';
import type { SamplerRecipe } from '../diffusion/recipe.ts';

function between(low: number, high: number): z.ZodNumber {
  const error = `a number from ${low} to ${high} is expected`;
  return z.number({ error }).min(low, { error }).max(high, { error });
}

function wholeNumber(low: number, high: number): z.ZodNumber {
  const error = `a whole number from ${low} to ${high} is expected`;
  return z.number({ error }).int({ error }).min(low, { error }).max(high, { error });
}

const text = z.string().min(1, { error: 'it is empty' });
const faceChoice = z.union([z.literal('all'), z.literal('largest'), z.array(wholeNumber(1, 1e6)).min(1).readonly()], { error: "'all', 'largest' or numbers from 1 on are expected" });

const turn = z.strictObject({ at: wholeNumber(0, 999), sampler: z.enum(samplerKinds), steps: wholeNumber(1, 1000), eta: between(0, 1), seed: wholeNumber(0, 2 ** 32 - 1) }).readonly();

export const maskKinds = ['auto', 'parsing', 'oval'] as const;
export const backgroundKinds = ['auto', 'plain', 'realesrgan'] as const;

/** The ranges of all options, for whoever asks: the command line, the editor, a program. */
const requestSchema = z.strictObject({
  /** `sample`, `difface`, a folder with a model.json, or `identity` (faces found, cropped and pasted, not changed). */
  model: text.exactOptional(),
  sampler: z.enum(samplerKinds, { error: `${samplerKinds.join(', ')} are expected` }).exactOptional(),
  /** Index into the respaced chain to which the estimate is diffused: 1 .. chain length - 1. */
  start: wholeNumber(1, 1000).exactOptional(),
  /** Network calls from the start to 0. */
  steps: wholeNumber(1, 1000).exactOptional(),
  /** Stochasticity of DDIM: 0 is deterministic, 1 as noisy as DDPM. */
  eta: between(0, 1).exactOptional(),
  /** Numbers the networks compute in; `auto`: float16 on a graphics card that passed its trial with them, else float32. */
  precision: z.enum(['auto', 'float32', 'float16'], { error: 'auto, float32 or float16 is expected' }).exactOptional(),
  /** 0 .. 2^32 - 1 */
  seed: wholeNumber(0, 2 ** 32 - 1).exactOptional(),
  /** Which faces: `all`, `largest`, or numbers counted from 1 in reading order (of a clip: in order of appearance). */
  faces: faceChoice.exactOptional(),
  /** What finds the faces; `auto` where absent: RetinaFace where its weights are installed, and the detector that is built in where that finds none. */
  detector: z.enum(detectorChoices, { error: `${detectorChoices.join(', ')} are expected` }).exactOptional(),
  /** The file is one aligned face crop: no detection, no pasting. */
  aligned: z.boolean().exactOptional(),
  /** Every frame of a clip draws its own noise: the flicker this causes is what shared noise removes. For comparison only. */
  independentNoise: z.boolean().exactOptional(),
  /** Stop after the backbone: its estimate is the result. */
  backboneOnly: z.boolean().exactOptional(),
  /** Keep the states of the walk beside the result. */
  trajectory: z.boolean().exactOptional(),
  /** 0 .. 1: how much of the restored face is blended in; 1 where absent. */
  strength: between(0, 1).exactOptional(),
  /** Which pixels of a restored crop are pasted: the parts of the face ParseNet tells, or an oval. `auto`: `parsing` where it is installed and the model is for photographs. */
  mask: z.enum(maskKinds, { error: `${maskKinds.join(', ')} are expected` }).exactOptional(),
  /** How many times the result is larger than the picture. */
  upscale: z.union([z.literal(1), z.literal(2)], { error: '1 or 2 is expected' }).exactOptional(),
  /** What stands behind the faces: the picture (`plain`), or what RealESRGAN makes of it. `auto`: RealESRGAN where it is installed and the result is enlarged. */
  background: z.enum(backgroundKinds, { error: `${backgroundKinds.join(', ')} are expected` }).exactOptional(),
  /** Restored faces get the colours they have in the picture: networks may drift. Detail stays what they made. */
  matchColours: z.boolean().exactOptional(),
  /** What stands between a result's name and its extension; `restored` where absent. */
  suffix: z.string().regex(/^[^\\/\p{Cc}]+$/u, { error: 'a word that can stand in a file name is expected' }).exactOptional(),
  /** Faces that are restored another way than the rest: the walk takes these turns. */
  branches: z.array(z.strictObject({ face: wholeNumber(1, 1e6), turns: z.array(turn).min(1).readonly() })).readonly().exactOptional(),
  /** The backbone's estimate is blended in where the standard deviation of the result over so many seeds is above a threshold (0 .. 2, values being in [-1, 1]); `none` where nothing else is said. */
  blend: z.union([z.literal('none'), z.strictObject({ seeds: wholeNumber(2, 64), above: between(0, 2) })]).exactOptional(),
  /** Folder for results; beside the originals where absent. */
  output: text.exactOptional(),
  /** Video codec of a restored clip, as ffmpeg names its encoder family; the source's where absent. */
  codec: text.exactOptional(),
}).readonly();

/** What a person may ask of one restoration; what is left out takes the model's own default. All of it travels as JSON. */
export type RestoreRequest = z.infer<typeof requestSchema>;

export type FaceChoice = z.infer<typeof faceChoice>;

/**
 * Checks a request from outside: types do not hold across processes.
 * @throws KernelFailure('usage') naming the options that are out of range or contradict each other
 */
export function checkRequest(request: RestoreRequest): void {
  const { error } = requestSchema.safeParse(request);
  if (error) {
    const [issue] = error.issues;
    const [option] = issue?.code === 'unrecognized_keys' ? issue.keys : (issue?.path ?? []);
    throw new KernelFailure('usage', issue?.code === 'unrecognized_keys' ? `there is no option '${String(option)}'` : `the option '${String(option)}' is out of range: ${issue?.message ?? ''}`);
  }
  const given = (names: readonly (keyof RestoreRequest)[]): readonly string[] => names.filter((name) => request[name] !== undefined && request[name] !== false);
  const walk = given(['sampler', 'start', 'steps', 'eta', 'trajectory']);
  if (request.backboneOnly === true && walk.length > 0) throw new KernelFailure('usage', `--${walk.join(' and --')}: there is no walk after --backbone-only; leave one of them away`);
  if (request.backboneOnly === true && request.independentNoise === true) throw new KernelFailure('usage', '--independent-noise: there is no noise after --backbone-only; leave one of them away');
  if (request.aligned === true && request.faces !== undefined && request.faces !== 'all') throw new KernelFailure('usage', '--faces: a picture that is one --aligned face has no others to choose from; leave one of them away');
  if (request.aligned === true && request.detector !== undefined && request.detector !== 'auto') throw new KernelFailure('usage', '--detector: nothing is looked for in a picture that is one --aligned face; leave one of them away');
  const whole = (['mask', 'background', 'upscale'] as const).filter((name) => ![undefined, 'auto', 1].includes(request[name]));
  if (request.aligned === true && whole.length > 0) throw new KernelFailure('usage', `--${whole.join(' and --')}: an --aligned face is not pasted into a picture, and comes back in its own size; leave one of them away`);
  const restoring = [...walk, ...given(['backboneOnly', 'independentNoise'])];
  if (request.model === 'identity' && restoring.length > 0) throw new KernelFailure('usage', `--${restoring.map(kebab).join(' and --')}: --model identity restores nothing; leave one of them away`);
}

function kebab(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

export const defaultSeed = 12345;
export const defaultSuffix = 'restored';

/** The backbone, the sampler and all their parameters, nothing left open. */
export type Method =
  | { readonly kind: 'identity' }
  | { readonly kind: 'backbone' }
  | { readonly kind: 'diffusion'; readonly recipe: SamplerRecipe };

/**
 * Completes a request with the model's defaults.
 * @throws KernelFailure('usage') when options contradict each other
 */
export function methodOf(request: RestoreRequest, model: RestorationModel): Method {
  if (request.backboneOnly === true) return { kind: 'backbone' };
  const kind = request.sampler ?? model.defaults.sampler;
  const start = request.start ?? model.defaults.start;
  const respacing = model.diffusion.timestepRespacing;
  if (kind !== 'ddim' && request.eta !== undefined) throw new KernelFailure('usage', `--eta belongs to the sampler ddim; ${kind} has none`);
  switch (kind) {
    case 'ddim': {
      const steps = request.steps ?? (model.defaults.sampler === 'ddim' && request.start === undefined ? model.defaults.steps : start);
      return { kind: 'diffusion', recipe: { kind, respacing, start, steps, eta: request.eta ?? model.defaults.eta } };
    }
    case 'ddpm':
      if (request.steps !== undefined && request.steps !== start) {
        throw new KernelFailure('usage', `the sampler ddpm takes one step for each index from --start ${start} down to 0; give a smaller --start instead of --steps ${request.steps}`);
      }
      return { kind: 'diffusion', recipe: { kind, respacing, start } };
    case 'dpm++':
      return { kind: 'diffusion', recipe: { kind, respacing, start, steps: request.steps ?? (model.defaults.sampler === 'dpm++' ? model.defaults.steps : 20) } };
    default:
      return kind satisfies never;
  }
}
