import { strict as assert } from 'node:assert';
import { describe, it } from 'mocha';
import { madeByText, replayText } from '../../extension/madeByWords.ts';
import { restorationsIn, turnedFaces } from '../../extension/recipeChoice.ts';
import { mayHaveLockfile } from '../../extension/recordedOriginal.ts';
import type { FoundFace, MadeBy } from '../../kernel/protocol.ts';

const made: MadeBy = { lockfile: '/a/b.difface', original: '/a/a.png', model: 'sample', seed: 7, device: 'cuda:1', date: '2026-11-25T12:00:00.000Z', version: '0.1.0', changed: false };

describe('what made a result', () => {
  it('is one line, which says when the result was changed since', () => {
    assert.equal(madeByText(made, 'en-GB'), 'Made with sample, seed 7, on CUDA:1, 25 Nov 2026, DifFace 0.1.0');
    assert.equal(madeByText({ ...made, seed: null }, 'en-GB'), 'Made with sample, on CUDA:1, 25 Nov 2026, DifFace 0.1.0');
    assert.match(madeByText({ ...made, changed: true }, 'en-GB'), /^Changed since it was made\. Made with sample/);
    assert.match(madeByText({ ...made, date: 'some day' }), /some day/);
  });

  it('is looked for where a lockfile may be', () => {
    assert.ok(mayHaveLockfile('/a/b.restored.png', ['b.restored.difface']));
    assert.ok(mayHaveLockfile('/a/b.restored-2.png', ['b.restored-3.difface']));
    assert.ok(!mayHaveLockfile('/a/b.png', ['a.difface', 'b.txt']));
  });

  it('made again is the same, or what differs is named', () => {
    assert.equal(replayText({ identical: true, faithful: true, differences: [] }, 'a.png'), 'a.png was made again: the same, bit for bit.');
    assert.match(replayText({ identical: true, faithful: true, differences: [{ what: 'versions', message: 'sharp is 2, and was 1' }] }, 'a.png'), /same, bit for bit, though sharp is 2/);
    assert.match(replayText({ identical: false, faithful: false, differences: [{ what: 'input', message: 'the input is not what was restored' }] }, 'a.png'), /is not the same: the input is not/);
    assert.match(replayText({ identical: true, faithful: false, differences: [{ what: 'result', message: 'the file a.png is not what was made' }] }, 'a.png'), /not everything is as it was: the file a\.png/);
  });
});

describe('a recipe in the editor', () => {
  it('lists its restorations, and nothing else', () => {
    const listed = restorationsIn({ problems: [], actions: [{ kind: 'show', line: 0, column: 2, about: 'a.png' }, { kind: 'restore', line: 2, column: 2, about: 'b.png', as: 'best' }] });
    assert.deepEqual(listed, [{ action: 1, label: 'b.png', description: 'line 3, $best' }]);
  });

  it('chooses its faces: those with too little to restore only where they are named', () => {
    const face = (number: number, eyeDistance: number, gate?: 'tiny'): FoundFace => ({ number, eyeDistance, frames: { first: 0, last: 0 }, ...(gate ? { gate } : {}) }) as unknown as FoundFace;
    const faces = [face(1, 40), face(2, 60), face(3, 90, 'tiny')];
    assert.deepEqual(turnedFaces('all', faces), []);
    assert.deepEqual(turnedFaces('largest', faces), [1]);
    assert.deepEqual(turnedFaces([2, 3], faces), [1, 3]);
    assert.deepEqual(turnedFaces([9], faces), [1, 2]);
  });
});
