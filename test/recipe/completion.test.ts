import { strict as assert } from 'node:assert';
import { describe, it } from 'mocha';
import { parse } from 'yaml';
import { actionKinds } from '../../kernel/recipe/actions.ts';
import type { Completion } from '../../kernel/recipe/language/completed.ts';
import { complete } from '../../kernel/recipe/language/completion.ts';
import { keysOf, shapeOf } from '../../kernel/recipe/valueShape.ts';
import { marked, world } from './memory.ts';

async function offered(written: string, around = world()): Promise<readonly Completion[]> {
  const { text, offset } = marked(written);
  return complete(text, offset, around);
}

async function labels(written: string): Promise<readonly string[]> {
  return (await offered(written)).map(({ label }) => label);
}

/** The document after the offer is taken, with its snippet as it stands. */
async function taken(written: string, label: string): Promise<string> {
  const { text } = marked(written);
  const found = (await offered(written)).find((one) => one.label === label);
  assert.ok(found, `${label} is not among ${(await labels(written)).join(', ')}`);
  return text.slice(0, found.at.start) + found.text + text.slice(found.at.end);
}

const actions = ['restore', 'trajectory', 'compare', 'measure', 'show'];

describe('completion in recipes', () => {
  for (const empty of ['¦', 're¦', '- ¦', '- show: a.png\n- ¦', '- show: a.png\n\n¦\n- show: b.png\n', '{¦}', '# a comment\n¦']) {
    it(`offers actions in ${JSON.stringify(empty)}`, async () => {
      assert.deepEqual(await labels(empty), actions);
    });
  }

  it('begins a new entry of a list with its dash', async () => {
    assert.equal(await taken('- show: a.png\n¦', 'restore'), '- show: a.png\n- restore: ');
    assert.equal(await taken('- show: a.png\n¦\n- show: b.png\n', 'restore'), '- show: a.png\n- restore: \n- show: b.png\n');
    assert.equal(await taken('- ¦', 'restore'), '- restore: ');
  });

  it('offers nothing in a text block, whose lines it would replace', async () => {
    for (const text of ['>-\n  \nrestore: a.png\n¦', '|\n \na\n¦']) assert.deepEqual(await labels(text), [], text);
  });

  it('offers the keys of the action that are not there yet, in every style and while nothing parses', async () => {
    for (const text of ['restore: a.png\nseed: 3\n¦', 'restore: a.png\nseed: 3\nst¦', '- restore: a.png\n  seed: 3\n  ¦', '{restore: a.png, seed: 3, ¦}', '{restore: a.png, seed: 3, ¦', '- restore: a.png\n  ¦\n  seed: 3\n', '- restore: a.png\n  seed: 3\n  half\n  ¦']) {
      const found = await labels(text);
      assert.ok(found.includes('start') && found.includes('as') && found.includes('trajectory'), `${text}: ${found.join()}`);
      assert.ok(!found.includes('restore') && !found.includes('show') && !found.includes('locked'), `${text}: ${found.join()}`);
      if (!text.includes('half') && !text.includes('¦\n')) assert.ok(!found.includes('seed'), `${text}: ${found.join()}`);
    }
  });

  it('writes a key with its value to fill in, and leaves the colon that is there', async () => {
    assert.equal(await taken('restore: a.png\nse¦', 'seed'), 'restore: a.png\nseed: ${1:12345}');
    assert.equal(await taken('restore: a.png\nse¦: 3', 'seed'), 'restore: a.png\nseed: 3');
    assert.equal(await taken('restore: a.png\n¦', 'sampler'), 'restore: a.png\nsampler: ');
    assert.equal(await taken('compare: a.png\n¦', 'seed'), 'compare: a.png\nseed: [${1:1, 2, 3}]');
    assert.equal(await taken('restore: a.png\n"mod¦"', 'model'), 'restore: a.png\n"model"');
    assert.equal(await taken("restore: a.png\n'se¦", 'seed'), "restore: a.png\n'seed': ${1:12345}");
    assert.equal((await offered('restore: a.png\n¦')).find(({ label }) => label === 'sampler')?.again, true);
  });

  const values: readonly (readonly [string, readonly string[]])[] = [
    ['restore: a.png\nsampler: ¦', ['ddim', 'ddpm', 'dpm++']],
    ['restore: a.png\nsampler: dd¦im\nseed: 3', ['ddim', 'ddpm', 'dpm++']],
    ['restore: a.png\ntrajectory: ¦', ['true', 'false']],
    ['restore: a.png\nupscale: ¦', ['1', '2']],
    ['restore: a.png\nmodel: ¦', ['difface', 'sample', 'identity']],
    ['restore: a.png\ndevice: ¦', ['auto', 'cpu', 'cuda', 'webgpu']],
    ['restore: a.png\nseed: ¦', ['12345']],
    ['restore: a.png\nstart: ¦', ['100', '40']],
    ['restore: a.png\nmodel: sample\nstart: ¦', ['40']],
    ['measure: a.png\nmetrics: [psnr, ¦]', ['ssim', 'sharpness', 'flicker']],
    ['measure: a.png\nmetrics: [psnr, ¦\nregion: faces', ['ssim', 'sharpness', 'flicker']],
    ['measure: a.png\nmetrics:\n  - psnr\n  - ¦\nregion: faces', ['ssim', 'sharpness', 'flicker']],
    ['restore: a.png\nfaces: ¦', ['all', 'largest']],
    ['restore: a.png\nfaces: [1, ¦]', []],
    ['restore: a.png\nfaces:\n  - ¦', []],
    ['compare: a.png\nsampler: [ddim, ¦]', ['ddpm', 'dpm++']],
    ['restore: a.png\nblend:\n  ¦', ['none', 'seeds', 'above']],
    ['restore: a.png\nblend: {seeds: 8, ¦}', ['above']],
    ['restore: a.png\nbranches:\n  - face: 1\n    turns:\n      - at: 3\n        sampler: ¦', ['ddim', 'ddpm', 'dpm++']],
    ['# restore: ¦', []],
    ['banana: ¦', []],
    ['restore: a.png\nbanana: ¦', []],
  ];
  for (const [text, expected] of values) {
    it(`offers values in ${JSON.stringify(text)}`, async () => {
      assert.deepEqual(await labels(text), expected);
    });
  }

  it('offers no word or number that the key, or an entry of its list, does not take', async () => {
    for (const kind of actionKinds) for (const [name, schema] of Object.entries(keysOf(kind))) {
      const { element } = shapeOf(schema);
      for (const [text, takes] of [[`${name}: ¦`, schema], ...(element ? [[`${name}: [¦]`, element], [`${name}:\n- ¦`, element]] as const : [])] as const) {
        const found = (await offered(name === kind ? text : `${kind}: a.png\n${text}`)).filter((one) => (one.kind === 'choice' || one.kind === 'number') && !one.snippet);
        for (const { label } of found) assert.ok(takes.safeParse(parse(label)).success, `${kind}, ${text}: ${label}`);
      }
    }
  });

  it('replaces the whole word, and no more', async () => {
    assert.equal(await taken('restore: a.png\nsampler: dd¦im # why', 'ddpm'), 'restore: a.png\nsampler: ddpm # why');
    assert.equal(await taken('measure: a.png\nmetrics: [ps¦nr, ssim]', 'flicker'), 'measure: a.png\nmetrics: [flicker, ssim]');
  });

  it('offers what fits of files, folders first', async () => {
    assert.deepEqual(await labels('restore: ¦'), ['models/', 'photos/', 'clip.mp4', 'portrait.png']);
    assert.deepEqual(await labels('restore: a.png\noutput: ¦'), ['models/', 'photos/']);
    assert.deepEqual(await labels('restore: photos/¦'), ['a b.jpg']);
    assert.deepEqual(await labels('restore: ./photos/.¦'), ['.hidden.png', 'a b.jpg']);
    assert.deepEqual(await labels('restore: a.png\nmodel: models/¦'), ['difface', 'sample', 'identity', 'own/']);
  });

  it('quotes what YAML would read otherwise', async () => {
    const around = world(['/w/a: b.png', '/w/x, y.png', "/w/it's.png", '/w/#1.png', '/w/- dir/c.png']);
    const text = async (written: string, label: string): Promise<string | undefined> => (await offered(written, around)).find((one) => one.label === label)?.text;
    assert.equal(await text('restore: ¦', 'a: b.png'), '"a: b.png"');
    assert.equal(await text('restore: ¦', 'x, y.png'), 'x, y.png');
    assert.equal(await text('restore: [¦]', 'x, y.png'), '"x, y.png"');
    assert.equal(await text("restore: '¦'", "it's.png"), "it''s.png");
    assert.equal(await text('restore: ¦', '#1.png'), '"#1.png"');
    assert.equal(await text('restore: ¦', '- dir/'), '"- dir/$0"');
    assert.equal((await offered('restore: ¦', world(['/w/$odd.png']))).find(({ label }) => label === '$odd.png')?.text, './$odd.png', 'it is no name of a result');
    assert.equal(await text('restore: "¦\nseed: 3', 'a: b.png'), 'a: b.png"');
  });

  it('offers names of results that are there before', async () => {
    const around = world([], [{ name: 'earlier', kind: 'restore', about: 'x.png' }]);
    const found = await offered('- restore: a.png\n  as: first\n- show: $¦\n- restore: b.png\n  as: later\n', around);
    assert.deepEqual(found.map(({ label, detail }) => [label, detail]), [['$first', 'restore a.png'], ['$earlier', 'restore x.png']]);
  });

  it('and of results that share a name the latest before', async () => {
    const around = world([], [{ name: 'x', kind: 'restore', about: 'old.png' }, { name: 'y', kind: 'restore', about: 'old.png' }, { name: 'y', kind: 'measure', about: 'new.png' }]);
    const first = '- restore: a.png\n  as: x\n';
    const at = async (text: string): Promise<readonly unknown[]> => (await offered(text, around)).map(({ label, detail }) => [label, detail]);
    assert.deepEqual(await at(`${first}- show: $¦\n- restore: b.png\n  as: x\n`), [['$x', 'restore a.png'], ['$y', 'measure new.png']]);
    assert.deepEqual(await at(`${first}- restore: $¦\n  as: x\n`), [['$x', 'restore a.png'], ['$y', 'measure new.png']], 'its own is none yet');
    assert.deepEqual(await at(`${first}- restore: b.png\n  as: x\n- show: $¦\n`), [['$x', 'restore b.png'], ['$y', 'measure new.png']]);
  });
});
