import fc from 'fast-check';
import { actionKinds, type ActionKind } from '../../kernel/recipe/actions.ts';
import { keysOf } from '../../kernel/recipe/valueShape.ts';

const files = ['portrait.png', 'clip.mp4', 'photos', 'nowhere.jpg', '$face', '"a: b.png"', '[portrait.png, clip.mp4]', '../x.png', '/abs/y.mp4', "'it''s.png'"];
const values = ['3', '0', '1', '0.5', '-1', '1e9', '12345', 'true', 'false', 'ddim', 'dpm++', '[1, 2, 3]', '[ddim, ddpm]', 'all', 'largest', 'auto', 'sample', 'difface', 'cuda:1', 'every', 'logsnr:16', '{seeds: 8, above: 0.1}', 'none', '[psnr, ssim]', '[png]', 'plain', 'oval', 'h264', '""', 'null', '~', '[]', '{}', '.nan', '.inf', '0x1F', '2024-01-01'];

const action: fc.Arbitrary<string> = fc.constantFrom<ActionKind>(...actionKinds).chain((kind) => {
  const keys = Object.keys(keysOf(kind)).filter((name) => name !== kind);
  const pair = fc.tuple(fc.constantFrom(...keys), fc.constantFrom(...values)).map(([name, value]) => (name === 'as' ? 'as: face' : `${name}: ${value}`));
  return fc.tuple(fc.constantFrom(...files), fc.uniqueArray(pair, { maxLength: 5, selector: (text) => text.split(':')[0] })).map(([file, pairs]) => [`${kind}: ${file}`, ...pairs].join('\n'));
});

/** Recipes that are right, or nearly: one action, or a list; in blocks, or between braces. */
const recipe: fc.Arbitrary<string> = fc.oneof(
  action,
  fc.array(action, { minLength: 1, maxLength: 4 }).map((all) => all.map((one) => `- ${one.replaceAll('\n', '\n  ')}\n`).join('')),
  action.map((one) => `{${one.replaceAll('\n', ', ')}}`),
  fc.tuple(action, fc.integer({ min: 1, max: 400 }), fc.constantFrom('[', '{a: ', '- ', '? ', '[{', '&a [*a, ')).map(([one, times, deeper]) => `${one}\nblend: ${deeper.repeat(times)}`),
  action.map((one) => `anchor: &a [x, x, x]\nmore: &b [*a, *a, *a, *a, *a]\n${one}\nformats: [*b, *b, *b, *b, *b, *b, *b, *b]\n<<: *a\n`),
);

const pieces = [':', ': ', '- ', '\n', '\n ', '\n  ', '\n\t', '\n- show: ', '\nseed:3\n', '\nseed :3\n', '\n-show: ', '\n -b.png\n -c.png', '\n\t- ', '\n   - ', '\u00A0', " 'a #b.png", ' [1, 2}', ': *.png', '\uFF1A', ': "a', ": ['a, b]", '  ', '[', ']', '{', '}', ',', '"', "'", '#', ' # ', '|', '>-\n  ', '&x ', '*x', '!!str ', '!tag ', '? ', '%', '@', '`', '---\n', '...\n', '<<: *x', '$', '$face', '\\', '\0', '\u2028', '\uFEFF', '\uD800', '🙂', 'é', 'restore', 'locked: ', 'locked: {seed: 3}', '__proto__: ', 'constructor: ', 'branches: [{face: 1, turns: [{at: 3}]}]', 'blend: {seed: 3}'];

interface Mutation {
  readonly at: number;
  readonly remove: number;
  readonly text: string;
}
const mutation: fc.Arbitrary<Mutation> = fc.record({
  at: fc.double({ min: 0, max: 1, noNaN: true }), remove: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 12 })), text: fc.oneof({ weight: 4, arbitrary: fc.constantFrom(...pieces) }, fc.string({ unit: 'binary', maxLength: 8 }), fc.constant('')),
});

/** The same, damaged by letters, words, signs of YAML and any other characters. */
export const mutatedRecipe: fc.Arbitrary<string> = fc.tuple(recipe, fc.oneof({ weight: 1, arbitrary: fc.constant<Mutation[]>([]) }, { weight: 9, arbitrary: fc.array(mutation, { minLength: 1, maxLength: 6 }) })).map(([text, changes]) => changes.reduce((whole, { at, remove, text: added }) => {
  const place = Math.floor(at * whole.length);
  return whole.slice(0, place) + added + whole.slice(place + remove);
}, text));
