import type { Denoiser } from '../../kernel/diffusion/denoiser.ts';
import { counterNoise, type NoiseSource } from '../../kernel/diffusion/noise.ts';
import type { SamplerRecipe } from '../../kernel/diffusion/recipe.ts';
import { linearSchedule } from '../../kernel/diffusion/schedule.ts';
import { WalkFiguresRecorder } from '../../kernel/trajectory/figures.ts';
import type { StoredWalk } from '../../kernel/trajectory/storedWalk.ts';
import type { WalkStep } from '../../kernel/trajectory/walkTypes.ts';
import { tensor, type Tensor } from '../../kernel/tensor/tensor.ts';
import { gaussianDenoiser } from '../diffusion/gaussianDenoiser.ts';
import { restoreEstimate } from '../diffusion/restoreEstimate.ts';

const seed = 7;
const respacing = 'ddim250';

/** A picture in [-1, 1] of soft colours, the same in each run. */
export function picture(size: number, phase: number): Tensor {
  return tensor(Float32Array.from({ length: 3 * size * size }, (_, i) => 0.9 * Math.sin(phase + i / 40) * Math.cos(i / 501)), [3, size, size]);
}

/** A walk that was really walked, with a denoiser in closed form, and lies in memory. @param nth which states are kept */
export async function memoryWalk(size: number, kind: 'ddim' | 'ddpm', { steps = 12, eta = 0, nth = 1, denoise = gaussianDenoiser(0.1, 0.4) }: { readonly steps?: number; readonly eta?: number; readonly nth?: number; readonly denoise?: Denoiser } = {}): Promise<StoredWalk> {
  const schedule = linearSchedule(respacing);
  const recipe: SamplerRecipe = kind === 'ddim' ? { kind, respacing, start: 100, steps, eta } : { kind, respacing, start: steps };
  const [input, estimate] = [picture(size, 0), picture(size, 1)];
  const draw = counterNoise([{ seed, track: 0 }]);
  let drawn: Tensor | undefined;
  const noise: NoiseSource = (what, shape) => {
    const values = draw(what, shape);
    if (what.kind === 'step') drawn = values;
    return values;
  };
  const states = new Map<string, Tensor>([['input 0', input], ['estimate 0', estimate]]);
  const [noises, sigmas] = [new Map<number, Tensor>(), new Map<number, Tensor>()];
  const figures = new WalkFiguresRecorder(estimate);
  const walked: { readonly t: number; readonly alphaBar: number }[] = [];
  let result = estimate;
  for await (const { order, t, alphaBar, xT, eps, predX0, sigma, xPrev } of restoreEstimate(denoise, batched(estimate), recipe, { noise, signal: new AbortController().signal })) {
    if (drawn) noises.set(order, drawn);
    drawn = undefined;
    if (sigma) sigmas.set(order, unbatched(sigma));
    walked.push({ t, alphaBar });
    for (const [kind, state] of Object.entries({ xT, predX0, predEps: eps })) states.set(`${kind} ${order}`, unbatched(state));
    states.set(`xT ${order + 1}`, unbatched(xPrev));
    figures.add(order, unbatched(predX0));
    result = unbatched(xPrev);
  }
  const table = walked.map(({ t, alphaBar }, i): WalkStep => {
    const alphaBarPrev = walked[i + 1]?.alphaBar ?? 1;
    const sigma = eta * Math.sqrt((1 - alphaBarPrev) / (1 - alphaBar)) * Math.sqrt(1 - alphaBar / alphaBarPrev);
    return { t, alphaBar, alphaBarPrev, sampler: kind, eta, sigma, seed };
  });
  const read = (name: string, order: number): Promise<Tensor> => {
    const state = states.get(`${name} ${name === 'input' || name === 'estimate' ? 0 : order}`);
    return state ? Promise.resolve(state) : Promise.reject(new Error(`${name} of ${order} is not kept`));
  };
  return {
    info: {
      id: 'memory', size, steps: table, kept: [...table.keys()].filter((order) => order % nth === 0 || order === table.length - 1).concat(table.length),
      start: { index: recipe.start, t: schedule.steps[recipe.start]!.t, alphaBar: schedule.steps[recipe.start]!.alphaBar },
      figures: await figures.finish(result, (order) => read('predX0', order)), precision: 'float32', bytes: 0,
    },
    read,
    noise: (order) => {
      const found = noises.get(order);
      return found && unbatched(found);
    },
    sigma: (order) => Promise.resolve(sigmas.get(order)),
  };
}

function batched({ data, shape }: Tensor): Tensor {
  return tensor(data, [1, ...shape]);
}

function unbatched({ data, shape }: Tensor): Tensor {
  return tensor(data, shape.slice(1));
}
