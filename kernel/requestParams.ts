import { isAbsolute } from 'node:path';
import { z } from 'zod';
import { KernelFailure } from './failure.ts';
import type { KernelHandlers, RestoreRequest } from './protocol.ts';

type Requests = Omit<KernelHandlers, 'info'>;
type ParamsOf<K extends keyof Requests> = Parameters<Requests[K]>[0];

const finite = z.number({ error: 'a number is expected' });
const name = z.string({ error: 'a word is expected' }).min(1, { error: 'a word is expected' });
const path = z.string({ error: 'an absolute path is expected' }).refine(isAbsolute, { error: 'an absolute path is expected' });
const paths = z.array(path, { error: 'a list of absolute paths is expected' });
const suffix = z.string({ error: 'a word is expected' });
const side = whole(1, 16_384);
const frame = whole(0, Number.MAX_SAFE_INTEGER);
/** What is in it is checked where it is used, by `checkRequest`. */
const options = z.custom<RestoreRequest>((value) => typeof value === 'object' && value !== null && !Array.isArray(value), { error: 'options are expected' });
const layer = z.union([z.literal('result'), options], { error: "options or 'result' are expected" });
const range = z.object({ first: frame, last: frame }, { error: 'the first and the last frame are expected' }).refine(({ first, last }) => first <= last, { error: 'the first frame comes after the last' });

const seed = whole(0, 2 ** 32 - 1);
const turn = z.object({ at: whole(0, 999), sampler: z.enum(['ddim', 'ddpm', 'dpm++']), steps: whole(1, 1000), eta: finite.min(0).max(1), seed });
const face = { face: whole(1, 1e6), frame };
const walk = z.object({ ...face, turns: z.array(turn).max(64) }, { error: 'a walk is expected' });
const seeds = whole(2, 64);
const rows = whole(1, 64);

const view = { view: name };
const detector = z.enum(['auto', 'builtin', 'retinaface', 'retinaface-mobilenet', 'yolov5l', 'yolov5n'], { error: 'the name of a face detector is expected' }).exactOptional();
const walked = { ...view, options, walk };
const state = z.object({ ...walked, state: z.enum(['xT', 'predX0', 'predEps', 'input', 'estimate']), order: whole(0, 1000) });
const walking = { ...walked, job: name, device: name };
const file = { path, options, job: name, device: name };
const yesOrNo = z.boolean({ error: 'true or false is expected' });
const beside = { lockfile: yesOrNo.exactOptional() };
const words = z.array(name, { error: 'a list of words is expected' });
const text = z.string({ error: 'a text is expected' });
const named = z.object({ name, path, restored: z.object({ from: path, options }).exactOptional() });
const recipe = { text, folder: path, names: z.array(named, { error: 'a list of named results is expected' }) };
const network = z.object({ proxy: text.exactOptional(), noProxy: text.exactOptional(), proxyAuthorization: text.exactOptional(), strictTls: z.boolean().exactOptional(), mirror: text.exactOptional() }, { error: 'settings of the network are expected' });

/** What each request takes, as it is checked when it arrives: types do not hold across processes. */
const schemas: { readonly [K in keyof Requests]: z.ZodType<ParamsOf<K>> } = {
  model: z.object({ name }),
  collect: z.object({ paths, suffix: suffix.exactOptional() }),
  restore: z.object({ ...file, ...beside, reuse: yesOrNo.exactOptional() }),
  develop: z.object({ ...file, range: range.exactOptional() }),
  export: z.object({ ...file, ...beside, place: z.object({ path, replace: yesOrNo }, { error: 'a place is expected' }).exactOptional() }),
  open: z.object({ ...view, path, result: path.exactOptional() }),
  close: z.object(view),
  index: z.object(view),
  picture: z.object({ ...view, restored: layer.exactOptional() }),
  frames: z.object({ ...view, from: finite, count: whole(1, 256), width: side, height: side, restored: layer.exactOptional() }),
  sound: z.object({ ...view, from: finite, seconds: finite.min(0.001, { error: secondsExpected() }).max(60, { error: secondsExpected() }) }),
  thumbnail: z.object({ ...view, ticks: finite, width: side, height: side }),
  findFaces: z.object({ ...view, job: name, detector }),
  knownFaces: z.object({ ...view, detector }),
  faceCrop: z.object({ ...view, number: whole(1, 1e6), restored: options.exactOptional() }),
  restored: z.object({ ...view, options }),
  walk: z.object({ ...walking, compute: z.boolean() }),
  previews: z.object(walked),
  state,
  statePicture: state,
  branches: z.object({ ...view, options, of: z.object(face) }),
  nameBranch: z.object({ ...walked, name: z.string().max(200).nullable() }),
  seedMap: z.object({ ...walking, seeds }),
  blended: z.object({ ...walking, seeds, above: finite.min(0).max(2) }),
  grid: z.object({ ...walking, first: frame, last: frame, rows }),
  exportWalk: z.object({ ...walking, formats: z.array(z.enum(['npz', 'png', 'webm', 'gif'])), wanted: path }),
  exportGrid: z.object({ ...walking, first: frame, last: frame, rows, wanted: path }),
  adopt: z.object(walked),
  recipe: z.object(recipe),
  planRun: z.object({ ...recipe, action: whole(0, 1e6).exactOptional(), above: z.array(text, { error: 'a list of texts is expected' }).exactOptional() }),
  runAction: z.object({ ...recipe, action: whole(0, 1e6), job: name, device: name }),
  madeBy: z.object({ path, verify: yesOrNo }),
  replay: z.object({ path, job: name }),
  writeRecipe: z.object({ path, options, device: name, folder: path }),
  openRecipe: z.object({ text, folder: path, action: whole(0, 1e6) }),
  devices: z.object({ again: z.boolean() }),
  installCuda: z.object({ job: name, agreed: z.literal(true, { error: 'nothing is fetched that nobody agreed to' }), network }),
  weights: z.object({}),
  installWeights: z.object({ names: words, accepted: words, network, job: name }),
  importWeights: z.object({ paths: paths.min(1, { error: 'a path is expected' }), job: name }),
  verifyWeights: z.object({ names: words, job: name }),
  removeWeights: z.object({ names: words }),
};

/**
 * Checks what a request came with.
 * @throws KernelFailure('usage') naming the field
 */
export function checkParams<K extends keyof Requests>(request: K, params: unknown): ParamsOf<K> {
  const { data, error } = schemas[request].safeParse(params);
  if (!error) return data;
  const [issue] = error.issues;
  const field = issue?.path.join('.') ?? '';
  throw new KernelFailure('usage', field === '' ? `the request '${request}' came without parameters, or with some of another kind` : `'${field}' of the request '${request}' is wrong: ${issue?.message ?? ''}`);
}

function whole(low: number, high: number): z.ZodNumber {
  const error = high === Number.MAX_SAFE_INTEGER ? `a whole number from ${low} on is expected` : `a whole number from ${low} to ${high} is expected`;
  return z.number({ error }).int({ error }).min(low, { error }).max(high, { error });
}

function secondsExpected(): string {
  return 'a number from 0.001 to 60 is expected';
}
