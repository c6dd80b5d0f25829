import { strict as assert } from 'node:assert';
import { describe, it } from 'mocha';
import { actionLines } from '../../kernel/recipe/actionLines.ts';
import { parseRecipe } from '../../kernel/recipe/parse.ts';
import type { Fix, Problem } from '../../kernel/recipe/problem.ts';

function applied(text: string, { at, text: other }: Fix): string {
  return text.slice(0, at.start) + other + text.slice(at.end);
}

describe('reading a recipe', () => {
  const cases: readonly (readonly [what: string, text: string, code: Problem['code'], place: string, message: RegExp, fixed?: string])[] = [
    ['an unknown key', 'restore: a.png\nsede: 3\n', 'key', 'sede', /no key 'sede' here; 'seed' is meant/, 'restore: a.png\nseed: 3\n'],
    ['an unknown key that is nothing known', 'restore: a.png\nbanana: 3\nseed: 1\n', 'key', 'banana', /no key 'banana' here$/, 'restore: a.png\nseed: 1\n'],
    ['an unknown key between braces', '{banana: 3, restore: a.png}', 'key', 'banana', /no key 'banana'/, '{restore: a.png}'],
    ['an unknown action', '- resotre: a.png\n', 'action', 'resotre', /'restore' is meant/, '- restore: a.png\n'],
    ['no action at all', 'seed: 3\n', 'action', 'seed', /nothing says what is to be done/],
    ['two actions in one', 'restore: a.png\nshow: b.png\n', 'action', 'show', /does 'restore' already; begin another with '- show:'/],
    ['something that is no action', '- restore: a.png\n- 5\n', 'action', '5', /an action is expected/],
    ['a number out of range', 'restore: a.png\nstart: 5000\n', 'value', '5000', /'start': a whole number from 1 to 1000 is expected/],
    ['a word that is none of them', 'restore: a.png\nsampler: dimm\n', 'value', 'dimm', /ddim, ddpm or dpm\+\+ is expected/, 'restore: a.png\nsampler: ddim\n'],
    ['one value of a list', 'measure: a.png\nmetrics: [sharpness, flickr]\nagainst: b.png\n', 'value', 'flickr', /flicker is expected/, 'measure: a.png\nmetrics: [sharpness, flicker]\nagainst: b.png\n'],
    ['a missing reference', 'measure: a.png\nmetrics: [psnr]\n', 'value', 'metrics', /'against' is missing/],
    ['a contradiction', 'restore: a.png\nsampler: ddpm\neta: 0.5\n', 'contradiction', 'eta', /only the sampler ddim has it, and 'sampler' ddpm/, 'restore: a.png\nsampler: ddpm\n'],
    ['a contradiction of a walk', 'trajectory: a.png\naligned: true\ndetector: builtin\n', 'contradiction', 'detector', /nothing is looked for/, 'trajectory: a.png\naligned: true\n'],
    ['a contradiction of a list', 'compare: a.png\nsampler: dpm++\neta: [0, 1]\n', 'contradiction', 'eta', /only the sampler ddim has it/, 'compare: a.png\nsampler: dpm++\n'],
    ['a folder for nothing', 'trajectory: a.png\noutput: made\n', 'contradiction', 'output', /where 'formats' are written/, 'trajectory: a.png\n'],
    ['faces that nobody looks for', 'measure: a.png\nregion: picture\nfaces: largest\n', 'contradiction', 'faces', /no faces are looked for where 'region' picture/, 'measure: a.png\nregion: picture\n'],
    ['a key of another action', 'trajectory: a.png\nblend: none\n', 'key', 'blend', /no key 'blend' here: it belongs to 'restore'$/, 'trajectory: a.png\n'],
    ['a key of other actions', 'restore: a.png\nface: 2\n', 'key', 'face', /no key 'face' here: it belongs to 'trajectory' and 'compare'; 'faces' is meant perhaps/, 'restore: a.png\n'],
    ['a name nobody gave', '- restore: a.png\n  as: face\n- show: $fase\n', 'name', '$fase', /'face' is meant/, '- restore: a.png\n  as: face\n- show: $face\n'],
    ['a name that comes later', '- show: $face\n- restore: a.png\n  as: face\n', 'name', '$face', /nothing before this is named 'face'/],
    ['a sign that begins no name', '- restore: a.png\n  as: a\n- show: $a b\n', 'name', '$a b', /'\$a b' names no result.*'\.\/\$a b'/, '- restore: a.png\n  as: a\n- show: ./$a b\n'],
    ['a sign without a name', 'show: $\n', 'name', '$', /'\$' names no result/],
    ['names in place of a list', '- restore: a.png\n  as: a\n- measure: $a, $b\n', 'name', '$a, $b', /^several files are a list: \[\$a, \$b\]$/, '- restore: a.png\n  as: a\n- measure: [$a, $b]\n'],
    ['a pattern', 'restore: *.png\n', 'value', '*.png', /^patterns such as '\*\.png' are not known here: name the files, or their folder$/],
    ['a pattern of folders in a list', 'restore: [a.png, **/b.png]\n', 'value', '**/b.png', /patterns such as '\*\*\/b\.png' are not known/],
    ['a star', 'restore: *\n', 'yaml', '*', /name the files, or their folder/],
    ['spaces that are none before a key', '- restore: a.png\n\u00A0\u00A0seed: 3\n- show: b.png\n', 'yaml', '\u00A0', /^this space is none that YAML knows/, '- restore: a.png\n  seed: 3\n- show: b.png\n'],
    ['a space that is none behind a dash', '-\u00A0restore: a.png\n', 'yaml', '\u00A0', /this space is none/, '- restore: a.png\n'],
    ['wide spaces before entries', 'restore:\n\u3000- a.png\n\u3000- b.png\n', 'yaml', '\u3000', /this space is none/, 'restore:\n  - a.png\n  - b.png\n'],
    ['a wrong indentation behind a byte order mark', '\uFEFF- restore: a.png\n seed: 3\n', 'yaml', 'seed', /'seed' is indented less than 'restore'/, '\uFEFF- restore: a.png\n  seed: 3\n'],
    ['keys that are merged', '- &a {restore: a.png}\n- <<: *a\n  seed: 3\n', 'key', '<<', /nothing is merged in recipes/],
    ['a path with a NUL', 'restore: "\\0"\n', 'value', '"\\0"', /number 0 .* no path has/],
    ['a path with a line break that nobody sees', '- show: |\n    a.png\n', 'value', '|', /ends with a line break.*behind '\|'/, '- show: "a.png"\n'],
    ['an entry of a list inside of a list', 'restore: a.png\nbranches: [{face: 1, turns: [{at: 3, sampler: ddim, eta: 1, seed: 1, steps: x}]}]\n', 'value', 'x', /^'branches', entry 1, 'turns', entry 1, 'steps': a whole number/],
    ['no YAML', 'restore: *\n', 'yaml', '*', /./],
    ['a key inside of a value', 'restore: a.png\nblend: {sedes: 8, above: 0.1}\n', 'value', '{sedes: 8, above: 0.1}', /'blend'/],
    ['a mapping with a key missing', 'restore: a.png\nlocked: {seed: 3}\n', 'value', '{seed: 3}', /'locked', 'input' is missing/],
    ['a mapping with a key too many', 'restore: a.png\nlocked: {sed: 3}\n', 'key', 'sed', /no key 'sed' in 'locked'; 'seed' is meant/, 'restore: a.png\nlocked: {seed: 3}\n'],
    ['text in place of a mapping', 'restore: a.png\nlocked: 3\n', 'value', '3', /what a restoration wrote is expected/],
    ['nothing but brackets', '['.repeat(20_000), 'yaml', '[', /nested too deep/],
    ['a mapping of mappings', '? '.repeat(5000), 'yaml', '?', /nested too deep/],
    ['aliases of aliases', `a: &a [x, x, x, x, x, x, x, x]\nb: &b [${'*a, '.repeat(8)}]\nc: &c [${'*b, '.repeat(8)}]\nrestore: [*c, *c, *c]\n`, 'yaml', 'a: &a', /more than 100 values/],
    ['an alias of an alias of an alias', Array.from({ length: 1000 }, (_, i) => `- show: &a${i} [*a${i - 1}, *a${i - 1}]\n`).join(''), 'yaml', '-', /more than 100 aliases/],
    ['one alias a thousand times', `- show: &a x\n${'- show: *a\n'.repeat(900)}`, 'yaml', '-', /more than 100 aliases/],
    ['an action with thousands of keys', `restore: a\n${Array.from({ length: 20_000 }, (_, i) => `k${i}: 1\n`).join('')}`, 'action', 'restore', /20001 keys/],
    ['thousands of actions', '- show: a\n'.repeat(20_000), 'size', '-', /20000 entries/],
    ['nothing but quotes', '"'.repeat(299_999), 'yaml', '"', /./],
    ['a key that is indented further', 'restore: a.png\n  seed: 3', 'yaml', 'seed', /^'seed' is indented further than 'restore' above it: keys of one action begin in the same column$/, 'restore: a.png\nseed: 3'],
    ['a key that is indented further, with those below it', '- restore: a.png\n    blend:\n      seeds: 3\n      above: 1\n\n    seed: 3\n- show: b.png\n', 'yaml', 'blend', /indented further/, '- restore: a.png\n  blend:\n    seeds: 3\n    above: 1\n\n  seed: 3\n- show: b.png\n'],
    ['a key that is indented less', '- restore: a.png\n seed: 3\n  steps: 5\n', 'yaml', 'seed', /'seed' is indented less than 'restore'/, '- restore: a.png\n  seed: 3\n  steps: 5\n'],
    ['a key in the column of the dash', '- restore: a.png\nseed: 3', 'yaml', 'seed', /'seed' is indented less than 'restore'/, '- restore: a.png\n  seed: 3'],
    ['a key of a mapping inside that is indented less', 'restore: a.png\nblend:\n   seeds: 3\n  above: 1\n', 'yaml', 'above', /'above' is indented less than 'seeds'/, 'restore: a.png\nblend:\n   seeds: 3\n   above: 1\n'],
    ['a tab in a list', '- restore: a.png\n\tseed: 3\n\tsteps: 3', 'yaml', '\t', /spaces, not with tabs/, '- restore: a.png\n  seed: 3\n  steps: 3'],
    ['a second action where there is no list', 'restore: a.png\nseed: 3\n- show: b.png', 'yaml', '- show', /^several actions are a list: each begins with '- '/, '- restore: a.png\n  seed: 3\n- show: b.png'],
    ['an action of a list without a dash', '- restore: a.png\nshow: b.png\nframe: 3\n', 'yaml', 'show', /a dash is missing before 'show'/, '- restore: a.png\n- show: b.png\n  frame: 3\n'],
    ['a dash in another column', '- restore: a.png\n  - show: b.png\n    frame: 3', 'yaml', '- show', /^the dash before 'show' belongs in the column of the first dash$/, '- restore: a.png\n- show: b.png\n  frame: 3'],
    ['a space that is missing behind a dash', '-restore: x', 'yaml', '-restore', /^a space is missing behind the dash: entries of a list begin with '- '$/, '- restore: x'],
    ['a space that is missing behind a dash, with keys below the name', '-restore: x # why\n\n seed: 3\n blend:\n   seeds: 3\n   above: 1\n- show: y\n', 'yaml', '-restore', /behind the dash/, '- restore: x # why\n\n  seed: 3\n  blend:\n    seeds: 3\n    above: 1\n- show: y\n'],
    ['a space that is missing behind the dash of a later action', '- restore: x\n-show: y', 'yaml', '-show', /behind the dash/, '- restore: x\n- show: y'],
    ['a space that is missing behind the dash of a value', 'restore:\n  - a.png\n  -b.png\n', 'yaml', '-b.png', /behind the dash/, 'restore:\n  - a.png\n  - b.png\n'],
    ['a misspelt action behind a dash without a space', '-restor: x', 'action', '-restor', /'- restore' is meant/, '- restore: x'],
    ['a dash that a word processor wrote', '\u2013 restore: x', 'action', '\u2013 restore', /'- restore' is meant/, '- restore: x'],
    ['a dash before a key of the action above', '- restore: a.png\n- blend:\n    seeds: 3\n    above: 1\n- show: b.png\n', 'yaml', '- blend', /^'blend' belongs to 'restore' above it: a dash begins another action$/, '- restore: a.png\n  blend:\n    seeds: 3\n    above: 1\n- show: b.png\n'],
    ['a dash before a key where there is no list', 'restore: a.png\n- seed: 3\n', 'yaml', '- seed', /belongs to 'restore' above it/, 'restore: a.png\nseed: 3\n'],
    ['a list that begins beside its key', '- measure: a.png\n  metrics: - psnr\n    - ssim\n  against: b.png\n', 'yaml', '-', /^the list of 'metrics' begins in the line below it$/, '- measure: a.png\n  metrics:\n    - psnr\n    - ssim\n  against: b.png\n'],
    ['a list of one entry beside its key', 'restore: - a.png\n', 'yaml', '-', /^the list of 'restore' begins/, 'restore:\n  - a.png\n'],
    ['two dashes before an action', '-  -restore: a.png', 'action', '-restore', /'restore' is meant/, '-  restore: a.png'],
    ['two colons', 'restore: a.png\nseed:: 3\n', 'key', 'seed:', /'seed' is meant/, 'restore: a.png\nseed: 3\n'],
    ['a sign behind a number', 'restore: a.png\nseed: 3;\n', 'value', '3;', /whole number/, 'restore: a.png\nseed: 3\n'],
    ['quotes that stand twice', "restore: ''a.png''", 'yaml', "'", /^' stands twice here/, "restore: 'a.png'"],
    ['a bracket that is open', '- restore: [portrait.png\n- show: x', 'yaml', '[', /^this bracket is not closed: '\]' is missing$/, '- restore: [portrait.png]\n- show: x'],
    ['a bracket that is open before another key', 'restore: [a.png,\n  b.png # the last\nseed: 3\n', 'yaml', '[', /bracket is not closed/, 'restore: [a.png,\n  b.png] # the last\nseed: 3\n'],
    ['a bracket that is open above a list', '- compare: a.png\n  seed: [1, 2, 3\n  eta: [0, 0.5, 1]\n', 'yaml', '[', /^this bracket is not closed: '\]' is missing$/, '- compare: a.png\n  seed: [1, 2, 3]\n  eta: [0, 0.5, 1]\n'],
    ['a bracket that is open above braces', 'restore: [a.png, b.png\nblend: {seeds: 3, above: 1}\n', 'yaml', '[', /bracket is not closed/, 'restore: [a.png, b.png]\nblend: {seeds: 3, above: 1}\n'],
    ['a brace that closes a bracket', 'compare: a.png\nseed: [1, 2, 3}\neta: 1\n', 'yaml', '}', /^'\}' does not close a '\[': '\]' is meant$/, 'compare: a.png\nseed: [1, 2, 3]\neta: 1\n'],
    ['a bracket that closes a brace', 'restore: a.png\nblend: {seeds: 3, above: 1]\n', 'yaml', ']', /^'\]' does not close a '\{': '\}' is meant$/, 'restore: a.png\nblend: {seeds: 3, above: 1}\n'],
    ['a tab before entries', '- restore:\n\t- a.png\n\t- b.png\n\tseed: 3\n', 'yaml', '\t', /spaces, not with tabs/, '- restore:\n    - a.png\n    - b.png\n  seed: 3\n'],
    ['a tab before a later entry', '- restore:\n  - a.png\n\t- b.png\n', 'yaml', '\t', /spaces, not with tabs/, '- restore:\n  - a.png\n  - b.png\n'],
    ['a dash before a key, in the column of the keys', '- restore: a.png\n  - seed: 3\n    eta: 1\n', 'yaml', '- seed', /^'seed' belongs to 'restore' above it/, '- restore: a.png\n  seed: 3\n  eta: 1\n'],
    ['a dash before a misspelt key, in the column of the keys', '- restore: a.png\n  - sede: 3\n', 'yaml', '- sede', /belongs to 'restore' above it/, '- restore: a.png\n  sede: 3\n'],
    ['a dash before a key, indented further', 'restore: a.png\n  - seed: 3\n', 'yaml', '- seed', /^'seed' belongs to 'restore' above it/, 'restore: a.png\nseed: 3\n'],
    ['a dash that is indented less than the first', 'restore:\n   - a.png\n  - b.png\n', 'yaml', '- b.png', /^this dash is indented less than the one above it: entries of one list begin in the same column$/, 'restore:\n   - a.png\n   - b.png\n'],
    ['a dash that is indented further than the first', 'restore:\n  - a.png\n   - b.png\n', 'yaml', '- b.png', /^this dash is indented further than the one above it/, 'restore:\n  - a.png\n  - b.png\n'],
    ['a space that is missing behind the first dash alone', 'restore:\n  -a.png\n  - b.png\n', 'yaml', '-a.png', /^a space is missing behind the dash/, 'restore:\n  - a.png\n  - b.png\n'],
    ['a quote that another sign closes behind a #', `restore: 'a #b.png"\n`, 'yaml', "'", /begins with ' and ends with "$/, "restore: 'a #b.png'\n"],
    ['a quote that is open before a #', 'restore: "a #b.png\nseed: 3\n', 'yaml', '"', /^this quote is not closed$/, 'restore: "a #b.png"\nseed: 3\n'],
    ['a quote that is open before a # that stands alone', "restore: 'a # b.png\n", 'yaml', "'", /^this quote is not closed$/, "restore: 'a # b.png'\n"],
    ['a quote that is open before a # between brackets', "restore: ['a.png, #b.png]\n", 'yaml', "'", /^this quote is not closed$/, "restore: ['a.png, #b.png']\n"],
    ['a quote that is open before a # in a later line', "restore: [a.png,\n  b.png, 'c #d.png]\n", 'yaml', "'", /^this quote is not closed$/, "restore: [a.png,\n  b.png, 'c #d.png']\n"],
    ['a brace that is open to the end', '{restore: a.png,\n seed: 3\n', 'yaml', '{', /^this brace is not closed: '\}' is missing$/, '{restore: a.png,\n seed: 3}\n'],
    ['a quote that is open', "restore: 'a.png # why\nseed: 3\n", 'yaml', "'", /^this quote is not closed$/, "restore: 'a.png' # why\nseed: 3\n"],
    ['a quote that is open in a list', '- restore: "a.png\n  seed: 3\n- show: "b.png"\n', 'yaml', '"', /^this quote is not closed$/, '- restore: "a.png"\n  seed: 3\n- show: "b.png"\n'],
    ['a quote that is open in an entry', "restore:\n  - 'a.png\n  - 'it''s.png'\n", 'yaml', "'", /^this quote is not closed$/, "restore:\n  - 'a.png'\n  - 'it''s.png'\n"],
    ['a quote that is open between brackets', "restore: ['a.png, b.png]\nsuffix: 'x'\n", 'yaml', "'", /^this quote is not closed$/, "restore: ['a.png', b.png]\nsuffix: 'x'\n"],
    ['a quote that is open between brackets of several lines', "restore: ['a.png,\n  b.png]\n", 'yaml', "'", /^this quote is not closed$/, "restore: ['a.png',\n  b.png]\n"],
    ['a quote that is open in a key', 'restore: a.png\n"seed: 3\n', 'yaml', '"', /^this quote is not closed$/, 'restore: a.png\n"seed": 3\n'],
    ['a quote that is open in a key between braces', '{restore: "a: b.png", "seed: 3}', 'yaml', '"', /^this quote is not closed$/, '{restore: "a: b.png", "seed": 3}'],
    ['a quote that is open between braces', '{restore: "a.png, seed: 3}', 'yaml', '"', /^this quote is not closed$/, '{restore: "a.png", seed: 3}'],
    ['a quote that another sign closes', `restore: "a.png'\nseed: 3`, 'yaml', '"', /not closed: it begins with " and ends with '$/, 'restore: "a.png"\nseed: 3'],
    ['a quote behind a backslash', 'restore: "C:\\photos\\"\nseed: 3', 'yaml', '"', /behind a backslash/, "restore: 'C:\\photos\\'\nseed: 3"],
    ['a quote inside of a text', "restore: 'it's.png'\nseed: 3", 'yaml', "'", /^this ' ends the text that began with '/, 'restore: "it\'s.png"\nseed: 3'],
    ['quotes inside of a text', `restore: 'it's "here".png'`, 'yaml', "'", /^this ' ends the text that began with '/, `restore: 'it''s "here".png'`],
    ['double quotes inside of a text', 'restore: "a "b" c.png"', 'yaml', '"', /^this " ends the text that began with "/, 'restore: "a \\"b\\" c.png"'],
    ['a space that is missing behind a colon', 'restore: a.png\nseed:3', 'yaml', 'seed:3', /^a space is missing behind the colon of 'seed'$/, 'restore: a.png\nseed: 3'],
    ['a space that is missing behind an action', '- restore:portrait.png', 'yaml', 'restore:portrait.png', /a space is missing behind the colon of 'restore'/, '- restore: portrait.png'],
    ['a space that is missing between braces', '{restore: a.png, seed:3}', 'key', 'seed:3', /a space is missing behind the colon of 'seed'/, '{restore: a.png, seed: 3}'],
    ['a space before the colon', 'restore: a.png\nseed :3\neta: 1\n', 'yaml', 'seed :3', /^the space of 'seed' stands before its colon: it belongs behind it$/, 'restore: a.png\nseed: 3\neta: 1\n'],
    ['a space before the colon between braces', '{restore: a.png, seed :3}', 'key', 'seed :3', /stands before its colon/, '{restore: a.png, seed: 3}'],
    ['a wide colon', 'restore: a.png\nseed\uFF1A3\neta: 1\n', 'yaml', 'seed\uFF1A3', /^behind 'seed' stands '\uFF1A', a wide colon: write ':' and a space$/, 'restore: a.png\nseed: 3\neta: 1\n'],
    ['a wide colon and a wide space', '- restore \uFF1A\u3000a.png\n', 'yaml', 'restore', /a wide colon/, '- restore: a.png\n'],
    ['a wide colon between braces', '{restore: a.png, seed\uFF1A3}', 'key', 'seed\uFF1A3', /a wide colon/, '{restore: a.png, seed: 3}'],
    ['a wide colon with nothing behind it', 'restore: a.png\nfaces\uFF1A\n- 1\n', 'yaml', 'faces\uFF1A', /a wide colon/, 'restore: a.png\nfaces: \n- 1\n'],
    ['a space that is none', 'restore: a.png\nseed:\u00A03\n', 'yaml', 'seed:\u00A03', /behind the colon of 'seed' is none that YAML knows/, 'restore: a.png\nseed: 3\n'],
    ['wide digits', 'restore: a.png\nseed: \uFF11\uFF12\n', 'value', '\uFF11\uFF12', /whole number/, 'restore: a.png\nseed: 12\n'],
    ['a colon that is missing', 'restore: a.png\nseed 3\n', 'yaml', 'seed 3', /^a colon is missing behind 'seed'$/, 'restore: a.png\nseed: 3\n'],
    ['an equals sign', 'restore = a.png\n', 'yaml', 'restore = a.png', /^behind 'restore' stands a colon in place of '='$/, 'restore: a.png\n'],
    ['a number above its range', 'restore: a.png\neta: 7', 'value', '7', /from 0 to 1 is expected/, 'restore: a.png\neta: 1'],
    ['a number below its range', 'restore: a.png\nseed: -1', 'value', '-1', /whole number from 0/, 'restore: a.png\nseed: 0'],
    ['a number that is not whole', 'restore: a.png\nsteps: 3.4', 'value', '3.4', /whole number/, 'restore: a.png\nsteps: 3'],
    ['a number that is none of two', 'restore: a.png\nupscale: 4', 'value', '4', /1 or 2 is expected/, 'restore: a.png\nupscale: 2'],
    ['a number between quotes', 'restore: a.png\nseed: "3"', 'value', '"3"', /whole number/, 'restore: a.png\nseed: 3'],
    ['a number where a text is expected', 'restore: a.png\nsuffix: 3', 'value', '3', /a word is expected/, 'restore: a.png\nsuffix: "3"'],
    ['yes in place of true', 'restore: a.png\naligned: yes', 'value', 'yes', /true or false/, 'restore: a.png\naligned: true'],
    ['a misspelt word between quotes', 'restore: a.png\nsampler: "dmp++"', 'value', '"dmp++"', /ddim, ddpm or dpm\+\+/, 'restore: a.png\nsampler: dpm++'],
    ['an entry of an axis', 'compare: a.png\nsampler: [ddim, dppm]', 'value', 'dppm', /^'sampler', entry 2: ddim, ddpm or dpm\+\+ is expected$/, 'compare: a.png\nsampler: [ddim, ddpm]'],
    ['the beginning of a word', 'restore: a.png\ndetector: retina', 'value', 'retina', /retinaface/, 'restore: a.png\ndetector: retinaface'],
    ['a short word that is misspelt', 'restore: a.png\nfaces: al', 'value', 'al', /'all', 'largest'/, 'restore: a.png\nfaces: all'],
    ['one value where a list is expected', 'restore: a.png\nfaces: 1', 'value', '1', /'all', 'largest'/, 'restore: a.png\nfaces: [1]'],
    ['a misspelt value where a list is expected', 'measure: a.png\nmetrics: sharpnes', 'value', 'sharpnes', /a list is expected/, 'measure: a.png\nmetrics: [sharpness]'],
    ['a misspelt word where a number would do', 'trajectory: a.png\nkeep: evry', 'value', 'evry', /'every', a whole number/, 'trajectory: a.png\nkeep: every'],
    ['what stands behind the end', 'restore: a.png\n...\nshow: b.png\n', 'yaml', 'show', /'\.\.\.' ends it, and what follows is not read/],
    ['a name of one letter', '- restore: a.png\n  as: x\n- show: $y\n', 'name', '$y', /nothing before this is named 'y'; an action that says 'as: y' makes it/],
    ['a tab before a key', 'restore: a.png\n\tseed: 3\n', 'yaml', '\t', /spaces, not with tabs/],
    ['a key twice', 'restore: a.png\nseed: 3\nseed: 4\n', 'yaml', 'seed', /there already/],
    ['more than a person writes', 'a'.repeat(1_000_001), 'size', 'a', /1000001 characters/],
  ];
  for (const [what, text, code, place, message, fixed] of cases) {
    it(`${what} is told where it is`, () => {
      const { problems } = parseRecipe(text);
      const found = problems.find((one) => one.code === code && message.test(one.message));
      assert.ok(found, JSON.stringify(problems));
      assert.ok(text.slice(found.at.start, found.at.end).startsWith(place) || place.startsWith(text.slice(found.at.start, found.at.end)), `${JSON.stringify(text.slice(found.at.start, found.at.end))} in place of ${place}`);
      assert.ok(found.at.end > found.at.start);
      if (fixed !== undefined) assert.ok(found.fixes.some((fix) => applied(text, fix) === fixed), JSON.stringify(found.fixes));
      for (const fix of found.fixes) assert.ok(!parseRecipe(applied(text, fix)).problems.some((one) => one.message === found.message), fix.title);
    });
  }

  it('tells one slip once', () => {
    const slips = [
      'restore: a.png\n  seed: 3', '- restore: a.png\n seed: 3', '- restore: a.png\n\tseed: 3', 'restore: a.png\n- show: b.png', '- restore: a.png\n  - show: b.png', '- restore: [a.png\n- show: x', 'restore: a.png\nseed:3',
      '- restore:a.png\n  seed: 3', 'restore: a.png\nrestore: b.png', 'show: >\n', '-restore: a.png\n  seed: 3', '-restore: a.png\n seed: 3', '- restore: a.png\n-show: b.png', 'restore:\n  - a.png\n  -b.png', '- restore: a.png\n  - seed: 3\n', 'restore:\n   - a.png\n  - b.png\n', 'restore:\n  -a.png\n  - b.png\n', '- restore:\n\t- a.png\n\t- b.png\n\tseed: 3\n', "restore: ['a #b.png, c.png]", 'compare: a.png\nseed: [1, 2, 3}', 'show: >\n  a.png\n', 'restore: a.png\nbanana\n',
    ];
    for (const text of slips) assert.equal(parseRecipe(text).problems.length, 1, text);
  });

  it('tells missing spaces, and beside them what else is wrong', () => {
    for (const [text, ...places] of [['show:$x\n', 'show:$x', '$x'], ['restore:a.png\nsede:3\n', 'restore:a.png', 'sede:3', 'sede'], ['- restore:a.png\n  seed:x\n', 'restore:a.png', 'seed:x', 'x']] as const) {
      assert.deepEqual(parseRecipe(text).problems.map(({ at }) => text.slice(at.start, at.end)), places, text);
    }
  });

  it('tells beside a wrong indentation what else is wrong, each where it is', () => {
    const text = '- restore: a.png\n seed: 3\n sede: 4\n- measure: b.png\n    metrics: [sharpnes]\n';
    const { problems } = parseRecipe(text);
    assert.deepEqual(problems.map(({ at }) => text.slice(at.start, at.end)), ['seed', 'sede', 'metrics', 'sharpnes']);
    assert.ok(problems[3]!.fixes.some((fix) => applied(text, fix) === text.replace('sharpnes', 'sharpness')));
  });

  it('tells each dash that lacks its space, and mends them one by one', () => {
    for (const [text, mended] of [
      ['-restore: a.png\n seed: 3\n-show: b.png\n', '- restore: a.png\n  seed: 3\n- show: b.png\n'], ['restore:\n  -a.png\n  -b.png\n', 'restore:\n  - a.png\n  - b.png\n'],
      ['measure: a.png\nagainst: b.png\nmetrics:\n- psnr\n-ssim\n-sharpness\n', 'measure: a.png\nagainst: b.png\nmetrics:\n- psnr\n- ssim\n- sharpness\n'],
    ] as const) {
      let now: string = text;
      for (let left = parseRecipe(now).problems; left.length > 0; left = parseRecipe(now).problems) {
        for (const { message } of left) assert.match(message, /space is missing behind the dash/, now);
        const was = now;
        now = applied(now, left[0]!.fixes[0]!);
        assert.notEqual(now, was);
      }
      assert.equal(now, mended);
    }
  });

  it('takes dashes for what they are in values and before several spaces', () => {
    for (const text of ['-   restore: a.png\n    seed: 3\n', 'show: -x\n', 'restore: a.png\nsuffix:\n  -x\n', 'restore: [-a.png,\n  -b.png]\n', 'restore:\n  - -a.png\n  - -b.png\n']) assert.deepEqual(parseRecipe(text).problems, [], text);
    assert.deepEqual(parseRecipe('compare: a.png\neta:\n  -0.5\nsuffix:\n  -x\n').problems.map(({ code }) => code), ['value', 'key']);
  });

  it('offers no change of a name that would take its value away', () => {
    for (const text of ['restore: a.png\nseed:3\n', '{restore: a.png, seed:3}', 'restore: a.png\nseed :3\n', '{restore: a.png, sede :3}', 'restore: a.png\nsede\uFF1A3\n', '{restore: a.png, seed\uFF1A3}', '{restore: a.png, seed 3}', 'restore: a.png\nsede:3\n', '{restore: a.png, "seed 3"}']) {
      for (const fix of parseRecipe(text).problems.flatMap(({ fixes }) => fixes).filter(({ title }) => !title.startsWith('Remove'))) assert.match(applied(text, fix), /3/, fix.title);
    }
  });

  it('takes lists, mappings and texts of several lines as they are, whatever else is wrong', () => {
    const text = '- restore:\n    - \'a # b.png\'\n    - "b\n      .png"\n  branches:\n  - face: 1\n    turns: [{at: 3, sampler: ddim,\n      steps: 3, eta: 1, seed: 1}]\n  suffix: >-\n    seed:3\n  output: "show\n    seed: 3"\n  banana: 3\n';
    assert.deepEqual(parseRecipe(text).problems.map(({ message }) => message), ["there is no key 'banana' here"]);
  });

  it('says once what an alias cannot be', () => {
    assert.deepEqual(parseRecipe('restore: &a [*b]\nseed: &b *a\n').problems.map(({ message }) => message.split(',')[0]), ["an alias ('*name') stands alone"]);
  });

  it('takes one action, a list of them, or nothing', () => {
    assert.deepEqual(parseRecipe('restore: a.png').actions.map(({ action }) => action), [{ kind: 'restore', value: { restore: 'a.png' } }]);
    const { actions, problems } = parseRecipe('- restore: [a.png, b.mp4]\n  as: both\n  trajectory: true\n- measure: $both\n- compare: c.png\n  seed: [1, 2]\n  eta: 0.5\n');
    assert.deepEqual(problems, []);
    assert.deepEqual(actions.map(({ kind }) => kind), ['restore', 'measure', 'compare']);
    const marked = parseRecipe('\uFEFF- restore: a.png\n  seed: 3\n- show: b.png\n');
    assert.deepEqual(marked.problems, []);
    assert.deepEqual(actionLines(marked), [{ first: 1, last: 2 }, { first: 3, last: 3 }]);
    for (const empty of ['', '\n', '# nothing yet\n', '---\n']) assert.deepEqual(parseRecipe(empty).problems, []);
  });

  it('knows names of earlier documents', () => {
    assert.deepEqual(parseRecipe('show: $face', ['face']).problems, []);
  });
});
