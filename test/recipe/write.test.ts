import { strict as assert } from 'node:assert';
import fc from 'fast-check';
import { describe, it } from 'mocha';
import type { RestoreAction } from '../../kernel/recipe/actions.ts';
import { contradictions } from '../../kernel/recipe/contradictions.ts';
import { parseRecipe } from '../../kernel/recipe/parse.ts';
import { restorePart, restoreRequest, standing, type RestoreRequest } from '../../kernel/recipe/restoreOptions.ts';
import { telling, writeRestore } from '../../kernel/recipe/write.ts';

const word = fc.oneof(fc.string({ minLength: 1 }), fc.constantFrom('true', 'null', '12', '1e5', '0x1f', ' a', '# no', '- b', '~', "it's", 'a: b', '&x', '*x', '!t', '%d', 'ü😀', 'line\nbreak', '2026-11-25')).filter((text) => !text.startsWith('$') && !/\p{Surrogate}/u.test(text));
const share = fc.integer({ min: 0, max: 20 }).map((twentieth) => twentieth / 20);
const whole = (max: number) => fc.integer({ min: 1, max });
const seed = fc.integer({ min: 0, max: 2 ** 32 - 1 });
const options: fc.Arbitrary<RestoreRequest> = fc.record({
  model: word, sampler: fc.constantFrom('ddim', 'ddpm', 'dpm++'), start: whole(1000), steps: whole(1000), eta: share, seed, precision: fc.constantFrom('auto', 'float32', 'float16'),
  detector: fc.constantFrom('auto', 'builtin', 'yolov5n'), faces: fc.oneof(fc.constantFrom('all' as const, 'largest' as const), fc.array(whole(40), { minLength: 1, maxLength: 20 })), strength: share,
  mask: fc.constantFrom('auto', 'oval'), upscale: fc.constantFrom(1, 2), background: fc.constantFrom('auto', 'plain'), matchColours: fc.boolean(), backboneOnly: fc.boolean(), independentNoise: fc.boolean(),
  blend: fc.oneof(fc.constant('none' as const), fc.record({ seeds: fc.integer({ min: 2, max: 64 }), above: share }, { noNullPrototype: true })), output: word, codec: word,
  branches: fc.array(fc.record({ face: whole(9), turns: fc.array(fc.record({ at: whole(999), sampler: fc.constantFrom('ddim' as const, 'dpm++' as const), steps: whole(1000), eta: share, seed }, { noNullPrototype: true }), { minLength: 1, maxLength: 3 }) }, { noNullPrototype: true }), { maxLength: 3 }),
}, { requiredKeys: [], noNullPrototype: true }).filter((request) => restoreRequest.safeParse(request).success && contradictions(request).length === 0);

function read(text: string): RestoreAction {
  const { actions, problems } = parseRecipe(text);
  assert.deepEqual(problems.map(({ message }) => message), [], text);
  const action = actions[0]?.action;
  assert.ok(action?.kind === 'restore');
  return action.value;
}

describe('a recipe that is written', () => {
  it('reads back as it was, whatever its options and names are', () => {
    fc.assert(fc.property(options, word, (request, file) => {
      const action = { restore: file, ...request };
      assert.deepEqual(read(writeRestore(action, ['How it was made'])), action);
    }), { numRuns: 300 });
  });

  it('says the same without what would hold anyway', () => {
    fc.assert(fc.property(options, (request) => {
      const short = telling(request);
      assert.ok(Object.keys(short).length <= Object.keys(request).length);
      assert.deepEqual({ ...standing, ...restorePart(read(writeRestore({ restore: 'a.png', ...short }))) }, { ...standing, ...request });
    }), { numRuns: 200 });
  });

  it('leaves away what its options themselves take for the usual', () => {
    assert.deepEqual(restoreRequest.parse(standing), standing);
    assert.deepEqual([standing.seed, standing.faces, standing.aligned, standing.branches, standing.suffix, standing.model, standing.codec], [12345, 'all', false, [], 'restored', undefined, undefined]);
    assert.deepEqual(telling({ ...standing, seed: 7, model: 'sample' }), { seed: 7, model: 'sample' });
  });

  it('has its keys in one order, and short lists on one line', () => {
    const one = writeRestore({ restore: 'a.png', seed: 7, model: 'sample', faces: [1, 2], device: 'cpu' });
    assert.equal(one, writeRestore({ device: 'cpu', faces: [1, 2], model: 'sample', seed: 7, restore: 'a.png' }));
    assert.equal(one, 'restore: a.png\nmodel: sample\nseed: 7\nfaces: [ 1, 2 ]\ndevice: cpu\n');
  });
});
