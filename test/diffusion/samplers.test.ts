import { strict as assert } from 'node:assert';
import { describe, it } from 'mocha';
import type { Denoiser, SamplerState, WalkOptions } from '../../kernel/diffusion/denoiser.ts';
import { logSnrGrid, sampleDpmSolver } from '../../kernel/diffusion/dpmSolver.ts';
import { counterNoise } from '../../kernel/diffusion/noise.ts';
import { checkRecipe, recipeSteps, type SamplerRecipe } from '../../kernel/diffusion/recipe.ts';
import { linearSchedule } from '../../kernel/diffusion/schedule.ts';
import { KernelFailure } from '../../kernel/failure.ts';
import { tensor, type Tensor } from '../../kernel/tensor/tensor.ts';
import { alphaBarAt, gaussianDenoiser } from './gaussianDenoiser.ts';
import { restoreEstimate } from './restoreEstimate.ts';

const respacing = 'ddim250';
const [mean, deviation] = [0.1, 0.15];

function options(tracks: readonly number[] = [0], signal = new AbortController().signal): WalkOptions {
  return { noise: counterNoise(tracks.map((track) => ({ seed: 3, track }))), signal };
}

async function walk(recipe: SamplerRecipe, denoise: Denoiser, x0: Tensor, tracks?: readonly number[]): Promise<readonly SamplerState[]> {
  const states: SamplerState[] = [];
  for await (const state of restoreEstimate(denoise, x0, recipe, options(tracks))) states.push(state);
  return states;
}

function callsOf(recipe: SamplerRecipe): number {
  return recipe.kind === 'ddpm' ? recipe.start : recipe.steps;
}

function filled(value: number, shape: readonly number[]): Tensor {
  return tensor(new Float32Array(shape.reduce((a, b) => a * b, 1)).fill(value), shape);
}

function moments(data: Float32Array): { readonly mean: number; readonly deviation: number } {
  const average = data.reduce((sum, value) => sum + value, 0) / data.length;
  return { mean: average, deviation: Math.sqrt(data.reduce((sum, value) => sum + (value - average) ** 2, 0) / data.length) };
}

const recipes: readonly SamplerRecipe[] = [
  { kind: 'ddim', respacing, start: 100, steps: 100, eta: 0 },
  { kind: 'ddim', respacing, start: 100, steps: 100, eta: 0.5 },
  { kind: 'ddim', respacing, start: 100, steps: 20, eta: 1 },
  { kind: 'ddpm', respacing, start: 100 },
  { kind: 'dpm++', respacing, start: 100, steps: 20 },
];

describe('samplers', () => {
  for (const recipe of recipes) {
    const name = `${recipe.kind}${'eta' in recipe ? ` eta ${recipe.eta}` : ''}, ${callsOf(recipe)} calls`;

    it(`${name}: calls the network so often, with falling timesteps, and ends at 0`, async () => {
      const asked: number[] = [];
      const denoise = gaussianDenoiser(mean, deviation);
      const states = await walk(recipe, (x, t) => (asked.push(t), denoise(x, t)), filled(0, [1, 3, 8, 8]));
      assert.equal(asked.length, callsOf(recipe));
      assert.equal(states.length, callsOf(recipe));
      assert.ok(asked.every((t, i) => i === 0 || t < asked[i - 1]!));
      assert.equal(asked[0], recipe.kind === 'dpm++' ? 400 : 396);
      assert.equal(asked.at(-1), 0);
      for (const [i, state] of states.entries()) if (i > 0) assert.equal(state.xT, states[i - 1]!.xPrev);
    });

    it(`${name}: ends in the only face there is`, async () => {
      const face = tensor(Float32Array.from({ length: 192 }, (_, i) => Math.sin(i) * 0.9), [1, 3, 8, 8]);
      // All data is one face: the noise in x_t is what is left when it is taken away.
      const certain: Denoiser = (x, t) => {
        const alphaBar = alphaBarAt(t);
        return Promise.resolve({ eps: { data: x.data.map((value, i) => (value - Math.sqrt(alphaBar) * face.data[i]!) / Math.sqrt(1 - alphaBar)), shape: x.shape } });
      };
      const { xPrev } = (await walk(recipe, certain, filled(0.5, face.shape))).at(-1)!;
      for (const [i, value] of face.data.entries()) assert.ok(Math.abs(xPrev.data[i]! - value) < 2e-3, `${xPrev.data[i]!} instead of ${value}`);
    });

    it(`${name}: a face does not depend on the batch it is in`, async () => {
      const denoise = gaussianDenoiser(mean, deviation);
      const both = (await walk(recipe, denoise, filled(0.2, [2, 3, 4, 4]), [0, 7])).at(-1)!.xPrev;
      const alone = (await walk(recipe, denoise, filled(0.2, [1, 3, 4, 4]), [7])).at(-1)!.xPrev;
      assert.deepEqual(both.data.slice(48), alone.data);
    });
  }

  for (const recipe of recipes.filter(({ kind }) => kind !== 'dpm++').map((recipe) => ('steps' in recipe ? { ...recipe, steps: recipe.start } : recipe))) {
    it(`${recipe.kind}${'eta' in recipe ? ` eta ${recipe.eta}` : ''}: samples have the distribution of the data`, async () => {
      // Estimates are drawn from the data, so that x_N has the right distribution from the start.
      const shape = [1, 3, 64, 64];
      const drawn = counterNoise([{ seed: 99, track: 1 }])({ kind: 'start', t: 1 }, shape);
      const { xPrev } = (await walk(recipe, gaussianDenoiser(mean, deviation), tensor(drawn.data.map((z) => mean + deviation * z), shape))).at(-1)!;
      const found = moments(xPrev.data);
      assert.ok(Math.abs(found.mean - mean) < 0.01, `mean ${found.mean}`);
      assert.ok(Math.abs(found.deviation - deviation) < 0.012, `deviation ${found.deviation}`);
    });
  }

  it('stop between two steps', async () => {
    const controller = new AbortController();
    let calls = 0;
    const denoise = gaussianDenoiser(mean, deviation);
    const run = async (): Promise<void> => {
      for await (const { order } of restoreEstimate((x, t) => (calls++, denoise(x, t)), filled(0, [1, 3, 4, 4]), recipes[0]!, options([0], controller.signal))) {
        if (order === 4) controller.abort(new KernelFailure('cancelled', 'enough'));
      }
    };
    await assert.rejects(run(), /enough/);
    assert.equal(calls, 5);
  });
});

describe('DPM-Solver++(2M)', () => {
  const schedule = linearSchedule('');
  const startT = 400;

  /** The probability-flow ODE keeps every value at its quantile: the exact end is known (Song et al. 2021, with Gaussian data). */
  async function largestError(steps: number): Promise<number> {
    const quantiles = Float32Array.from({ length: 9 }, (_, i) => (i - 4) / 2);
    const [first, last] = [alphaBarAt(startT), alphaBarAt(0)];
    const at = (alphaBar: number, z: number): number => Math.sqrt(alphaBar) * mean + Math.sqrt(alphaBar * deviation ** 2 + 1 - alphaBar) * z;
    let state: SamplerState | undefined;
    const grid = recipeSteps({ kind: 'dpm++', respacing: '', start: startT, steps }, schedule);
    for await (const next of sampleDpmSolver(gaussianDenoiser(mean, deviation), tensor(quantiles.map((z) => at(first, z)), [1, 1, 3, 3]), grid, options())) state = next;
    return Math.max(...quantiles.map((z, i) => Math.abs(state!.xT.data[i]! - at(last, z))));
  }

  it('follows the probability-flow ODE, with an error of second order', async () => {
    const [coarse, middle, fine] = [await largestError(10), await largestError(20), await largestError(40)];
    assert.ok(fine < 5e-4, `40 steps: ${fine}`);
    assert.ok(coarse / middle > 2.8 && middle / fine > 2.8, `${coarse} ${middle} ${fine}`);
  });

  it('has a grid that is uniform in log-SNR', () => {
    const grid = logSnrGrid(schedule.baseAlphaBar, startT, 12);
    assert.equal(grid[0]!.t, startT);
    assert.equal(grid.at(-1)!.t, 0);
    const gaps = grid.slice(1).map(({ lambda }, i) => lambda - grid[i]!.lambda);
    assert.ok(Math.max(...gaps) - Math.min(...gaps) < 1e-9 && gaps[0]! > 0);
    for (const { t, alphaBar } of grid) assert.ok(Math.abs(alphaBarAt(t) - alphaBar) < 1e-9);
  });
});

describe('a recipe', () => {
  const schedule = linearSchedule(respacing);
  it('that does not fit the chain is refused with the range that does', () => {
    const refused: readonly (readonly [SamplerRecipe, RegExp])[] = [
      [{ kind: 'ddim', respacing, start: 250, steps: 250, eta: 0 }, /1 to 249/],
      [{ kind: 'ddpm', respacing, start: 0 }, /1 to 249/],
      [{ kind: 'ddim', respacing, start: 10, steps: 11, eta: 0 }, /10 steps below/],
      [{ kind: 'dpm++', respacing, start: 10, steps: 0 }, /1 or more/],
    ];
    for (const [recipe, message] of refused) assert.throws(() => { checkRecipe(recipe, schedule); }, (error) => error instanceof KernelFailure && error.kind === 'usage' && message.test(error.message));
  });
});

describe('respacing', () => {
  it('that cannot be had is refused', () => {
    for (const wish of ['ddim251', '1001', '10,0', 'fast', '-5']) assert.throws(() => linearSchedule(wish), KernelFailure, wish);
  });
  it('of sections keeps so many steps in each', () => {
    const kept = linearSchedule('10,20,30').steps.map(({ t }) => t);
    assert.equal(kept.length, 60);
    assert.equal(kept.filter((t) => t < 334).length, 10);
    assert.equal(kept.filter((t) => t >= 334 && t < 667).length, 20);
  });
});
