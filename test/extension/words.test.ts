import { strict as assert } from 'node:assert';
import { join } from 'node:path';
import { describe, it } from 'mocha';
import { ProgressTeller } from '../../extension/progressText.ts';
import { branchPart, originalsOf } from '../../extension/resultName.ts';
import { developedText, summarise } from '../../extension/summary.ts';
import type { FileResult } from '../../kernel/protocol.ts';

const restored = (input: string): FileResult => ({ status: 'restored', input, output: `${input}.out`, faces: [], seconds: 1, notes: [] });

describe('what the extension says', () => {
  it('sums up many files with how many of each, and names the failed ones', () => {
    const results: readonly FileResult[] = [restored('/a/1.png'), restored('/a/2.png'), { status: 'no face', input: '/a/3.png' }, { status: 'skipped', input: '/a/4.txt', why: 'odd' }, { status: 'failed', input: '/a/5.png', kind: 'input', message: 'bad' }];
    assert.deepEqual(summarise(results, false).sentence, 'DifFace: 2 restored, 1 without a face, 1 skipped, 1 failed (5.png).');
    assert.equal(summarise(results, false).details.length, 5);
    assert.match(summarise(results.slice(0, 1), true).sentence, /^Cancelled\. DifFace: 1 restored\.$/);
  });

  it('says what was restored before, and whether that is all', () => {
    const before: FileResult = { status: 'restored', input: '/a/1.png', output: '/a/1.restored.png', faces: [], seconds: 1, notes: ['it was made before'], before: true };
    const faceless: FileResult = { status: 'no face', input: '/a/3.png' };
    const told = (results: readonly FileResult[], cancelled = false): readonly [string, boolean] => {
      const { sentence, allBefore } = summarise(results, cancelled);
      return [sentence, allBefore];
    };
    assert.deepEqual(told([before]), ['1.png was restored before, in the same way, and 1.restored.png is unchanged.', true]);
    assert.deepEqual(told([before, before]), ['DifFace: all 2 were restored before, in the same way, and are unchanged.', true]);
    assert.deepEqual(told([before, before, faceless]), ['DifFace: 2 restored before and unchanged, 1 without a face.', true]);
    assert.deepEqual(told([before, restored('/a/2.png'), before]), ['DifFace: 1 restored, 2 restored before and unchanged.', false]);
    assert.deepEqual(told([before], true), ['Cancelled. DifFace: 1 restored before and unchanged.', false]);
    assert.equal(summarise([restored('/a/2.png')], false).allBefore, false);
    assert.equal(summarise([faceless], false).allBefore, false);
  });

  it('says of one file what became of it', () => {
    assert.match(summarise([{ status: 'no face', input: '/a/3.png' }], false).sentence, /No face was found in 3\.png; nothing was written/);
  });

  it('finds the original of a result by its name, whatever the suffix', () => {
    assert.deepEqual(originalsOf(join('d', 'a.b.restored-2.mp4'), 'restored'), [join('d', 'a.b.mp4')]);
    assert.equal(originalsOf(join('d', 'a.restored.png'), 'restored')[0], join('d', 'a.png'));
    assert.deepEqual(originalsOf(join('d', 'a.png'), 'restored'), []);
    assert.deepEqual(originalsOf(join('d', 'a.x+y.jpg'), 'x+y'), [join('d', 'a.jpg')]);
    assert.deepEqual(originalsOf(join('d', 'a.xxy.jpg'), 'x+y'), []);
  });

  it('says what was restored before, and does not claim it took no time', () => {
    const developed = { faces: 2, frames: 1, before: 'none', seconds: 3.21 } as const;
    assert.equal(developedText(developed, 'cpu', 7), '2 faces restored in 3.2 s on CPU, seed 7');
    assert.equal(developedText(developed, 'cpu', null), '2 faces restored in 3.2 s on CPU');
    assert.equal(developedText({ ...developed, before: 'some' }, null, 7), '2 faces restored in 3.2 s, in part before, seed 7');
    assert.equal(developedText({ ...developed, before: 'all', seconds: 0.01 }, 'cpu', 7), '2 faces restored before on CPU, seed 7');
    assert.equal(developedText({ ...developed, faces: 0 }, 'cpu', 7), 'No face was found');
  });

  it('names the folder of an exported branch after it, in letters every file system takes', () => {
    const turns = [{ at: 2, sampler: 'ddim', steps: 3, eta: 0.5, seed: 7 }] as const;
    const named = (name: string): string => branchPart(turns, [{ name: 'other', turns: [{ ...turns[0], seed: 8 }] }, { name, turns: [{ seed: 7, eta: 0.5, at: 2, steps: 3, sampler: 'ddim' }] }]);
    assert.equal(branchPart([], [{ name: 'softer', turns }]), '');
    assert.equal(named('seed 7 from t 204'), '.seed-7-from-t-204');
    assert.equal(named('eta 0.5 / weiß: "Ü"?'), '.eta-0.5-weiß-Ü');
    assert.equal(named('../..'), '.branch');
    assert.equal(branchPart(turns, []), '.branch');
    assert.ok(named('x'.repeat(300)).length < 80);
  });

  it('tells the time left from what this run did, not from what was there before it', () => {
    let now = 0;
    const teller = new ProgressTeller(() => now);
    const at = (face: number) => teller.tell({ stage: 'restoring', frame: face, frames: 100, face, faces: 100, step: 0, steps: 4 });
    at(50);
    now = 10_000;
    const told = at(75)!;
    assert.equal(told.done, 0.75);
    assert.match(told.text, /frame 76 of 100, step 0 of 4, 10 s left/);
    assert.equal(teller.tell({ stage: 'frameDone', frame: 1 }), undefined);
    const clip = { stage: 'measuring', name: 'b.mp4', file: 1, files: 2, frames: 100 } as const;
    assert.deepEqual(teller.tell({ ...clip, frame: 0 }), { text: 'Measuring b.mp4, frame 1 of 100', done: 0.5 });
    now = 20_000;
    assert.deepEqual(teller.tell({ ...clip, frame: 50 }), { text: 'Measuring b.mp4, frame 51 of 100, 10 s left', done: 0.75 });
  });
});
