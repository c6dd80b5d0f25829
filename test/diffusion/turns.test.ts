import { strict as assert } from 'node:assert';
import { describe, it } from 'mocha';
import { ddimWeights } from '../../kernel/diffusion/ddim.ts';
import { counterNoise } from '../../kernel/diffusion/noise.ts';
import { noiseFollows, noiseOfStep } from '../../kernel/diffusion/predictedNoise.ts';
import type { SamplerState } from '../../kernel/diffusion/denoiser.ts';
import type { SamplerRecipe } from '../../kernel/diffusion/recipe.ts';
import { plannedSteps, walk, type Turn, type WalkPoint } from '../../kernel/diffusion/walk.ts';
import { tensor, type Tensor } from '../../kernel/tensor/tensor.ts';
import { gaussianDenoiser } from './gaussianDenoiser.ts';

const respacing = 'ddim250';
const shape = [1, 3, 8, 8];
const seed = 5;
const estimate = tensor(Float32Array.from({ length: 192 }, (_, i) => Math.sin(i) * 0.8), shape);
// predictions beyond [-1, 1] are common: clipping is part of what is compared
const denoise = gaussianDenoiser(0.1, 0.9);

const recipes: readonly SamplerRecipe[] = [
  { kind: 'ddim', respacing, start: 100, steps: 12, eta: 0.5 },
  { kind: 'ddim', respacing, start: 9, steps: 9, eta: 1 },
  { kind: 'ddim', respacing, start: 68, steps: 6, eta: 1 },
  { kind: 'ddpm', respacing, start: 9 },
  { kind: 'dpm++', respacing, start: 100, steps: 10 },
];

async function states(recipe: SamplerRecipe, turns: readonly Turn[] = [], from: { readonly estimate: Tensor } | WalkPoint = { estimate }): Promise<readonly SamplerState[]> {
  const options = { noise: counterNoise([{ seed, track: 0 }]), reseeded: (other: number) => counterNoise([{ seed: other, track: 0 }]), signal: new AbortController().signal };
  const all: SamplerState[] = [];
  for await (const state of walk(denoise, recipe, turns, from, options)) all.push(state);
  return all;
}

function etaOf(recipe: SamplerRecipe): number {
  return recipe.kind === 'ddim' ? recipe.eta : 0;
}

describe('a walk with turns', () => {
  for (const recipe of recipes) {
    const name = `${recipe.kind}${recipe.kind === 'ddim' ? ` eta ${recipe.eta}` : ''}`;

    it(`${name}: a turn that changes nothing gives the same states, bit for bit, from every step`, async () => {
      const straight = await states(recipe);
      for (let at = 0; at < straight.length; at++) {
        const turned = await states(recipe, [{ at, sampler: recipe.kind, steps: straight.length - at, eta: etaOf(recipe), seed }]);
        assert.deepEqual(turned, straight);
      }
    });

    it(`${name}: a walk that is taken up again in the middle goes on as if it had never stopped`, async () => {
      const straight = await states(recipe);
      for (let order = 1; order < straight.length; order++) {
        const { xPrev: x, predX0: previousX0 } = straight[order - 1]!;
        assert.deepEqual(await states(recipe, [], { order, x, previousX0 }), straight.slice(order));
      }
    });

    it(`${name}: another seed leaves what was before the turn and the step's own prediction as they are`, async () => {
      const straight = await states(recipe);
      const turned = await states(recipe, [{ at: 4, sampler: 'ddim', steps: straight.length - 4, eta: 1, seed: seed + 1 }]);
      assert.deepEqual(turned.slice(0, 4), straight.slice(0, 4));
      assert.deepEqual(turned[4]!.predX0, straight[4]!.predX0);
      assert.notDeepEqual(turned[5]!.xT, straight[5]!.xT);
    });

    for (const sampler of ['ddim', 'ddpm', 'dpm++'] as const) {
      it(`${name}: goes on with ${sampler} in fewer steps, down to 0`, async () => {
        const turned = await states(recipe, [{ at: 3, sampler, steps: 4, eta: 0, seed }]);
        assert.equal(turned.length, 7);
        assert.deepEqual(turned.map(({ order }) => order), [0, 1, 2, 3, 4, 5, 6]);
        assert.ok(turned.every(({ t }, i) => i === 0 || t < turned[i - 1]!.t));
        assert.equal(turned.at(-1)!.t, 0);
        assert.deepEqual(turned.at(-1)!.xPrev.data, turned.at(-1)!.predX0.data);
        assert.equal(turned[3]!.t, (await states(recipe))[3]!.t);
      });
    }
  }

  it('may turn again and again; each turn begins where the one before has come to', async () => {
    const turns: readonly Turn[] = [{ at: 2, sampler: 'dpm++', steps: 8, eta: 0, seed }, { at: 5, sampler: 'ddim', steps: 3, eta: 1, seed: 9 }];
    const [once, twice] = [await states(recipes[0]!, turns.slice(0, 1)), await states(recipes[0]!, turns)];
    assert.deepEqual(twice.slice(0, 5), once.slice(0, 5));
    assert.equal(twice.length, 8);
    const { xPrev: x, predX0: previousX0 } = twice[3]!;
    assert.deepEqual(await states(recipes[0]!, turns, { order: 4, x, previousX0 }), twice.slice(4));
  });

  it('that cannot be is refused', () => {
    const turn: Turn = { at: 12, sampler: 'ddim', steps: 1, eta: 0, seed };
    assert.throws(() => plannedSteps(recipes[0]!, [turn]), /a turn at step 12 does not fit a walk of 12 steps/);
    assert.throws(() => plannedSteps(recipes[0]!, [{ ...turn, at: 3, steps: 9 }, { ...turn, at: 3 }]), /after one at step 3/);
    assert.throws(() => plannedSteps(recipes[1]!, [{ ...turn, at: 4, steps: 40 }]), /ddim has 5 steps from t = 16 on; 40 cannot be taken/);
  });

  it('has its predicted noise in the states around a step, in few steps too', async () => {
    for (const recipe of recipes) {
      const planned = plannedSteps(recipe, []);
      for (const { order, t, xT, predX0, xPrev, eps } of await states(recipe)) {
        const step = planned[order]!;
        assert.equal(noiseFollows(step), recipe.kind === 'ddim' && order < planned.length - 1);
        if (!noiseFollows(step)) continue;
        const noise = etaOf(recipe) > 0 ? counterNoise([{ seed, track: 0 }])({ kind: 'step', t, order }, shape) : undefined;
        const found = noiseOfStep(step, { xT, predX0, xPrev, noise }, true);
        const { toX0, toEps, sigma } = ddimWeights(step.step, etaOf(recipe));
        const { alphaBar } = step.step;
        for (const [i, value] of found.data.entries()) {
          const clean = Math.min(1, Math.max(-1, Math.sqrt(1 / alphaBar) * xT.data[i]! - Math.sqrt(1 / alphaBar - 1) * value));
          const next = toX0 * predX0.data[i]! + toEps * value + (noise ? sigma * noise.data[i]! : 0);
          assert.ok(Math.abs(clean - predX0.data[i]!) < 5e-6 && Math.abs(next - xPrev.data[i]!) < 5e-6, `step ${order}: ${clean - predX0.data[i]!} ${next - xPrev.data[i]!}`);
          if (Math.abs(predX0.data[i]!) < 1) assert.ok(Math.abs(value - eps.data[i]!) < 1e-3, `step ${order}: ${value} instead of ${eps.data[i]!}`);
        }
      }
    }
  });
});
