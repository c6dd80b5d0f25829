import { z } from 'zod';
import { locked } from './locked.ts';
import { optional, precisions, restoreOptions, walkOptions } from './restoreOptions.ts';
import { between, oneOf, seedNumber, text, wholeNumber } from './values.ts';
import { samplerKinds } from '../weights/model.ts';
import { key, wordsOf, type KeyWords } from './words.ts';

/** `$name`: the result of the action that says `as: name`. Plain text in YAML, and no path begins with it. */
export const namePattern = /^[\p{L}_][\p{L}\p{N}_-]*$/u;

const file = key(text, { title: 'File', meaning: 'A picture or a clip: a path relative to the document, or `$name` for the result of an earlier action.', completes: 'picture or clip' });
const files = key(z.union([text, z.array(text).min(1).readonly()], { error: 'a file, or a list of files, is expected' }), {
  title: 'Files', meaning: 'Pictures, clips, or folders of them: paths relative to the document.', completes: 'picture or clip',
});
const measuredFiles = key(files, { title: 'Files', meaning: 'What is measured: one file or several, paths relative to the document or `$name`.', completes: 'picture or clip' });
const as = key(z.string({ error: 'a name is expected' }).regex(namePattern, { error: 'a name of letters, digits, _ and - is expected, beginning with a letter' }), {
  title: 'Name', meaning: 'A name for the result: later actions, of a notebook also those of later cells, call it `$name`.', otherwise: 'the result has no name',
});
const device = key(z.string({ error: 'a device is expected' }).regex(/^(auto|cpu|coreml|webgpu|(cuda|dml)(:\d{1,2})?)$/, { error: 'auto, cpu, cuda, cuda:1, dml, dml:1, coreml or webgpu is expected' }), {
  title: 'Device', meaning: 'Where the networks run. `auto` takes the fastest that computes the right numbers.', otherwise: '`auto`', completes: 'device',
});
const face = key(wholeNumber(1, 1e6), { title: 'Face', meaning: 'Which face, counted from 1 in reading order (of a clip: in order of appearance).', otherwise: '1' });
const frame = key(wholeNumber(1, 1e9), { title: 'Frame', meaning: 'Frame of a clip, counted from 1.', otherwise: 'the middle of where the face is seen' });
const output = restoreOptions.output;

export const keepKinds = /^(every|logsnr:([2-9]|\d{2,3}|1000))$/;
const keepExpected = "'every', a whole number from 1 on, or 'logsnr:N' is expected";
const keep = key(z.union([z.string().regex(keepKinds, { error: keepExpected }), wholeNumber(1, 1000)], { error: keepExpected }), {
  title: 'Kept states', meaning: '`every` state, every so many of them (a number), or `logsnr:N`: N of them, evenly spaced in log-SNR.', otherwise: '`every`', choices: { every: 'all states' },
});
export const walkFormats = ['npz', 'png', 'webm', 'gif'] as const;
const formats = key(z.array(oneOf(walkFormats)).readonly(), {
  title: 'Formats', meaning: 'What is written beside the file; an empty list writes nothing.', otherwise: '`[]`',
  choices: { npz: 'all tensors, for NumPy', png: 'a picture of each state and a strip', webm: 'the walk as a film', gif: 'the walk as an animation' },
});

/** One value, or a list of them: an axis of the grid. */
function axis<S extends z.ZodType>(one: S, words: KeyWords): z.ZodUnion<[S, z.ZodReadonly<z.ZodArray<S>>]> {
  return key(z.union([one, z.array(one).min(1).max(64).readonly()], { error: (issue) => `${wrongValue(one, issue.input)}, or a list of such values` }), words);
}

function wrongValue(one: z.ZodType, input: unknown): string {
  const bad = Array.isArray(input) ? (input as readonly unknown[]).find((value) => !one.safeParse(value).success) : input;
  return one.safeParse(bad).error?.issues[0]?.message ?? 'one to 64 values are expected';
}

/** What is said of an option that holds for each value of its axis, too. */
function each(option: z.ZodType): Pick<KeyWords, 'unit' | 'source' | 'otherwise'> {
  return Object.fromEntries(Object.entries(wordsOf(option) ?? {}).filter(([name]) => name === 'unit' || name === 'source' || name === 'otherwise'));
}

const axes = {
  sampler: axis(oneOf(samplerKinds), { title: 'Samplers', meaning: 'A sampler, or a list: one row or column for each.', otherwise: "the model's own", choices: { ddim: 'DDIM', ddpm: 'DDPM', 'dpm++': 'DPM-Solver++(2M)' } }),
  start: axis(wholeNumber(1, 1000), { title: 'Start steps', meaning: 'A start step, or a list: one row or column for each.', ...each(walkOptions.start) }),
  steps: axis(wholeNumber(1, 1000), { title: 'Steps', meaning: 'Network calls, or a list: one row or column for each.', ...each(walkOptions.steps) }),
  eta: axis(between(0, 1), { title: 'Etas', meaning: 'Eta of DDIM, or a list: one row or column for each.', ...each(walkOptions.eta) }),
  seed: axis(seedNumber, { title: 'Seeds', meaning: 'A seed, or a list: one row or column for each.', otherwise: '12345' }),
};

export const metricKinds = ['psnr', 'ssim', 'sharpness', 'flicker'] as const;
export type Metric = (typeof metricKinds)[number];

const shapes = {
  restore: {
    restore: files, as, ...optional(restoreOptions), device: device.exactOptional(),
    locked: key(locked, { title: 'Locked', meaning: 'What made the result that stands beside this document: hashes, versions, device, faces, figures. Written by a restoration; `difface replay` makes the result again and compares.', otherwise: 'nothing is said of how a result was made' }).exactOptional(),
  },
  trajectory: {
    trajectory: file, as, face: face.exactOptional(), frame: frame.exactOptional(), ...optional(walkOptions), keep: keep.exactOptional(),
    keptPrecision: key(oneOf(precisions), { title: 'Precision of states', meaning: 'Numbers in which states are kept.', otherwise: '`auto`', choices: { auto: 'float32 up to faces of 256 px, float16 beyond', float32: 'exact', float16: 'half the disk' } }).exactOptional(),
    formats: formats.exactOptional(), output: output.exactOptional(), device: device.exactOptional(),
  },
  compare: {
    compare: file, as, face: face.exactOptional(), frame: frame.exactOptional(), ...optional({ ...walkOptions, ...axes }), output: output.exactOptional(), device: device.exactOptional(),
  },
  measure: {
    measure: measuredFiles, as,
    against: key(text, { title: 'Reference', meaning: 'The file that is compared with: the truth, where it is known. A path relative to the document or `$name`.', otherwise: 'nothing is compared, and sharpness alone is measured', completes: 'picture or clip' }).exactOptional(),
    metrics: key(z.array(oneOf(metricKinds)).min(1).readonly(), {
      title: 'Metrics', meaning: 'What is measured.', otherwise: 'all that apply',
      choices: {
        psnr: 'peak signal-to-noise ratio in dB; higher is closer to the reference', ssim: 'structural similarity (Wang et al. 2004), 0 to 1', sharpness: 'power of detail finer than 16 px; blur lowers it',
        flicker: 'root mean square of the change from frame to frame that the reference does not have, 0 to 255',
      },
    }).exactOptional(),
    region: key(oneOf(['faces', 'picture']), { title: 'Region', meaning: 'Where it is measured.', otherwise: '`faces`', choices: { faces: 'in the aligned crop of each face', picture: 'in the whole picture' } }).exactOptional(),
    faces: restoreOptions.faces.exactOptional(), detector: walkOptions.detector.exactOptional(),
  },
  show: {
    show: file,
    beside: key(text, { title: 'Beside', meaning: 'What it is compared with, under a line that can be moved. A path relative to the document or `$name`.', otherwise: 'for a restored file its original', completes: 'picture or clip' }).exactOptional(),
    frame: key(frame, { title: 'Frame', meaning: 'Frame of a clip, counted from 1.', otherwise: 'the clip, as a film' }).exactOptional(),
  },
} as const;

const named = <T extends Readonly<Record<string, z.ZodType>>>({ as: name, ...rest }: T & { readonly as: typeof as }): z.ZodObject<Omit<T, 'as'> & { as: z.ZodExactOptional<typeof as> }> => z.strictObject({ ...rest, as: name.exactOptional() } as never);

/** The shape of each action, by the key that names it. */
export const actionSchemas = {
  restore: named(shapes.restore),
  trajectory: named(shapes.trajectory),
  compare: named(shapes.compare),
  measure: named(shapes.measure),
  show: z.strictObject(shapes.show),
} as const;

export const actionKinds = ['restore', 'trajectory', 'compare', 'measure', 'show'] as const;
export type ActionKind = (typeof actionKinds)[number];

/** The actions that keys name; a restoration may keep its `trajectory`. */
export function kindsIn(keys: readonly string[]): readonly ActionKind[] {
  const restoring = keys.includes('restore');
  return keys.filter((name): name is ActionKind => actionKinds.includes(name as ActionKind) && !(restoring && name === 'trajectory'));
}

export const actionMeanings: Readonly<Record<ActionKind, string>> = {
  restore: 'Restores the faces of pictures and clips. Results are written beside the originals, each with the recipe that makes it again.',
  trajectory: 'Shows how one face comes about: the states of the diffusion from the diffused estimate down to the result.',
  compare: 'Restores one face several ways and shows the results in a grid: lists of seeds, etas, starts, samplers or steps are its axes.',
  measure: 'Measures files, against a reference where there is one: PSNR, SSIM, sharpness, flicker.',
  show: 'Shows a picture or a clip, or two with a line between them that can be moved.',
};

export type RestoreAction = z.infer<typeof actionSchemas.restore>;
export type TrajectoryAction = z.infer<typeof actionSchemas.trajectory>;
export type CompareAction = z.infer<typeof actionSchemas.compare>;
export type MeasureAction = z.infer<typeof actionSchemas.measure>;
export type ShowAction = z.infer<typeof actionSchemas.show>;

/** An action whose values are right, by what it does. */
export type Action =
  | { readonly kind: 'restore'; readonly value: RestoreAction }
  | { readonly kind: 'trajectory'; readonly value: TrajectoryAction }
  | { readonly kind: 'compare'; readonly value: CompareAction }
  | { readonly kind: 'measure'; readonly value: MeasureAction }
  | { readonly kind: 'show'; readonly value: ShowAction };
