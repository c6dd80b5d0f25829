import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { sampleDdim } from '../../../kernel/diffusion/ddim.ts';
import { sampleDdpm } from '../../../kernel/diffusion/ddpm.ts';
import type { Denoiser, WalkOptions } from '../../../kernel/diffusion/denoiser.ts';
import { diffuse } from '../../../kernel/diffusion/forward.ts';
import { recordedNoise } from '../../../kernel/diffusion/noise.ts';
import type { SamplerRecipe } from '../../../kernel/diffusion/recipe.ts';
import { linearSchedule } from '../../../kernel/diffusion/schedule.ts';
import type { KeptState } from '../../../kernel/inference/protocol.ts';
import { restoreCrops, splitPrediction } from '../../../kernel/inference/restore.ts';
import type { Session } from '../../../kernel/inference/session.ts';
import { bicubicAntialias } from '../../../kernel/tensor/resample.ts';
import { rgbToTensor, tensorToRgb } from '../../../kernel/tensor/imageTensor.ts';
import { readNpy, toTensor } from '../../../kernel/tensor/npy.ts';
import { tensor, type Tensor } from '../../../kernel/tensor/tensor.ts';
import { largestDifference, within, type Comparison, type FixtureKind } from '../fixture.ts';
import { openNetwork, withCache } from '../network.ts';
import { exists, picture } from '../fixtureFiles.ts';

interface Run {
  readonly noise_file: string;
  readonly respacing: string;
  readonly start_timesteps: number;
  readonly eta?: number;
  /** Loop indices whose states were recorded, from the most to the least noisy. */
  readonly steps: readonly number[];
  readonly input?: string;
}

interface Config {
  readonly unet: string;
  readonly unet_config: string;
  readonly model_ir: string;
  readonly model_ir_config: string;
  readonly runs: Readonly<Record<string, Run>>;
}

/**
 * Schedules; every recorded step by itself, with the recorded prediction for a network; and, where the networks are there, whole restorations
 * with every random draw recorded.
 */
export const sampler: FixtureKind = {
  name: 'sampler',
  recognise: (files) => files.includes('sampler.config.json'),
  compare: (folder) => withCache((cacheFolder) => compareSampler(folder, cacheFolder)),
};

async function* compareSampler(folder: string, cacheFolder: string): AsyncGenerator<Comparison> {
  for (const file of (await readdir(folder)).sort()) if (/^schedule\..+\.json$/.test(file)) yield await compareSchedule(join(folder, file), file);
  const config = JSON.parse(await readFile(join(folder, 'sampler.config.json'), 'utf8')) as Config;
  const networks = await exists(join(folder, config.unet)) && await exists(join(folder, config.model_ir));
  for (const [name, run] of Object.entries(config.runs)) {
    yield* compareSteps(folder, name, run);
    if (networks) yield* compareRun(folder, config, name, run, cacheFolder);
  }
}

type Recorded = Readonly<Record<string, readonly number[]>> & { readonly timestep_respacing: string };

async function compareSchedule(path: string, name: string): Promise<Comparison> {
  const recorded = JSON.parse(await readFile(path, 'utf8')) as Recorded;
  const respacing = recorded.timestep_respacing;
  const { steps } = linearSchedule(/^(1000|base)?$/.test(respacing) ? '' : respacing);
  const own: Record<string, readonly number[]> = {
    timestep_map: steps.map(({ t }) => t), betas: steps.map(({ beta }) => beta),
    alphas_cumprod: steps.map(({ alphaBar }) => alphaBar), alphas_cumprod_prev: steps.map(({ alphaBarPrev }) => alphaBarPrev),
    posterior_variance: steps.map(({ posteriorVariance }) => posteriorVariance),
    posterior_log_variance_clipped: steps.map(({ posteriorLogVarianceClipped }) => posteriorLogVarianceClipped),
    posterior_mean_coef1: steps.map(({ posteriorMeanX0 }) => posteriorMeanX0), posterior_mean_coef2: steps.map(({ posteriorMeanXt }) => posteriorMeanXt),
  };
  let error = 0;
  for (const [key, values] of Object.entries(own)) {
    const expected = recorded[key];
    if (expected === undefined) continue;
    if (expected.length !== values.length) return within(name, Infinity, 1e-12, `${values.length} values of ${key}, not ${expected.length}`);
    for (const [i, value] of expected.entries()) error = Math.max(error, Math.abs(values[i]! - value) / Math.max(Math.abs(value), 1e-300));
  }
  return within(name, error, 1e-12, 'relative');
}

/** Each step from its own recorded x_t and prediction: an error cannot hide behind, or be blamed on, the steps before. */
async function* compareSteps(folder: string, name: string, { respacing, start_timesteps: start, eta, steps, noise_file }: Run): AsyncGenerator<Comparison> {
  const recorded = async (kind: string): Promise<readonly Tensor[]> => {
    const { data, shape } = toTensor(await readNpy(join(folder, `${name}.steps.${kind}.npy`)));
    const length = data.length / steps.length;
    return steps.map((_, k) => tensor(data.subarray(k * length, (k + 1) * length), shape.slice(1)));
  };
  const [xT, modelOut, x0, xPrev] = [await recorded('x_t'), await recorded('model_out'), await recorded('x0'), await recorded('x_prev')];
  const noise = recordedNoise(toTensor(await readNpy(join(folder, noise_file))));
  const schedule = linearSchedule(respacing);
  const errors = { x0: 0, xPrev: 0 };
  for (const [k, index] of steps.entries()) {
    const options: WalkOptions = {
      signal: new AbortController().signal,
      noise: (draw, shape) => noise({ ...draw, kind: 'step', order: start - 1 - index }, shape),
    };
    const denoise: Denoiser = () => Promise.resolve(splitPrediction(modelOut[k]!));
    const step = [schedule.steps[index]!];
    const walk = eta === undefined ? sampleDdpm(denoise, xT[k]!, step, options) : sampleDdim(denoise, xT[k]!, step, { ...options, eta });
    for await (const state of walk) {
      errors.x0 = Math.max(errors.x0, largestDifference(state.predX0.data, x0[k]!.data));
      errors.xPrev = Math.max(errors.xPrev, largestDifference(state.xPrev.data, xPrev[k]!.data));
    }
  }
  yield within(`${name} predX0, step by step`, errors.x0, 1e-5, `steps ${steps.join(', ')}`);
  yield within(`${name} x_prev, step by step`, errors.xPrev, 1e-5, `steps ${steps.join(', ')}`);
  const estimate = join(folder, `${name}.hq.npy`);
  if (steps[0] !== start - 1 || !(await exists(estimate))) return;
  const { data, shape } = toTensor(await readNpy(estimate));
  const diffused = diffuse({ data: data.map((value) => (value - 0.5) / 0.5), shape }, schedule.steps[start]!, noise);
  yield within(`${name} diffused estimate`, largestDifference(diffused.data, xT[0]!.data), 1e-5);
}

async function* compareRun(folder: string, config: Config, name: string, run: Run, cacheFolder: string): AsyncGenerator<Comparison> {
  const read = async (file: string): Promise<Tensor> => toTensor(await readNpy(join(folder, file)));
  const whole = run.input === undefined ? await read('lq64.npy') : rgbToTensor(await picture(join(folder, run.input)));
  const expected = { hq: await read(await exists(join(folder, `${name}.hq.npy`)) ? `${name}.hq.npy` : 'ddim.hq.npy'), sample: await read(`${name}.sample.npy`) };
  const [height, width] = expected.hq.shape.slice(-2) as [number, number];
  const same = whole.shape.at(-2) === height && whole.shape.at(-1) === width;
  const crops = same ? whole : bicubicAntialias(whole, height, width);
  const recordedInput = run.input === undefined ? undefined : join(folder, `${run.input.replace(/\.\w+$/, '')}.to${width}.npy`);
  if (recordedInput !== undefined && await exists(recordedInput)) yield within(`${name} input resized`, largestDifference(crops.data, toTensor(await readNpy(recordedInput)).data), 1e-5);

  const size = { batch: 1, height, width, precision: 'fp32' as const, cacheFolder };
  const backbone = await openNetwork(join(folder, config.model_ir), join(folder, config.model_ir_config), 'swinir', size);
  const denoiser = await openNetwork(join(folder, config.unet), join(folder, config.unet_config), 'unet', size);
  const modelOut: Tensor[] = [];
  const recording: Session = {
    ...denoiser, inputNames: denoiser.inputNames, outputNames: denoiser.outputNames, release: () => denoiser.release(),
    run: async (feeds) => {
      const outputs = await denoiser.run(feeds);
      modelOut.push(outputs['out']!);
      return outputs;
    },
  };
  const { start_timesteps: start, respacing, eta } = run;
  const recipe: SamplerRecipe = eta === undefined ? { kind: 'ddpm', respacing, start } : { kind: 'ddim', respacing, start, steps: start, eta };
  const states: KeptState[] = [];
  const { restored, estimate } = await restoreCrops(backbone, recording, { crops, method: { kind: 'diffusion', recipe, turns: [] }, noise: { kind: 'recorded', draws: await read(run.noise_file) }, kept: 'all' }, {
    signal: new AbortController().signal,
    onStep: () => undefined,
    onState: (state) => {
      states.push(state);
    },
  });
  await backbone.release();
  await denoiser.release();

  yield within(`${name} estimate`, largestDifference(estimate.data, expected.hq.data), 5e-5);
  const own: Record<string, (order: number) => ArrayLike<number>> = {
    x_t: (order) => states[order]!.xT.data,
    model_out: (order) => modelOut[order]!.data,
    x0: (order) => states[order]!.predX0.data,
    x_prev: (order) => states[order + 1]?.xT.data ?? restored.data.map((value) => (value - 0.5) / 0.5),
  };
  for (const [kind, of] of Object.entries(own)) {
    const recorded = await read(`${name}.steps.${kind}.npy`);
    const length = recorded.data.length / run.steps.length;
    const errors = run.steps.map((index, k) => {
      const expectedValues = recorded.data.subarray(k * length, (k + 1) * length);
      // What the last step leaves is known here only after the final clamp.
      const clamped = kind === 'x_prev' && index === 0 ? expectedValues.map((value) => Math.min(1, Math.max(-1, value))) : expectedValues;
      return largestDifference(of(start - 1 - index), clamped);
    });
    yield within(`${name} ${kind}`, Math.max(...errors), 1e-4, `steps ${run.steps.join(', ')}`);
  }
  const result = same ? restored : clampUnit(bicubicAntialias(restored, whole.shape.at(-2)!, whole.shape.at(-1)!));
  yield within(`${name} sample`, largestDifference(result.data, expected.sample.data), 1e-4);
  const sample = join(folder, `${name}.sample.png`);
  if (await exists(sample)) yield within(`${name} sample as 8 bit`, largestDifference(tensorToRgb(result).data, (await picture(sample)).data), 1, 'levels');
}

function clampUnit({ data, shape }: Tensor): Tensor {
  return { data: data.map((value) => Math.min(1, Math.max(0, value))), shape };
}
