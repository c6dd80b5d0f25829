import { strict as assert } from 'node:assert';
import fc from 'fast-check';
import { describe, it } from 'mocha';
import { readStored } from '../../webview/renderer/readStored.ts';
import { columnTexts, valueText } from '../../webview/renderer/valueText.ts';

const picture = { mime: 'image/webp', data: '', width: 2, height: 2 };
const grid = { kind: 'grid', title: '', rows: ['a'], columns: ['b'], cells: [[picture]], text: 'a grid' };
const stored = { version: 1, kind: 'compare', shown: [grid], links: [{ title: 'a', path: 'b' }], notes: ['c'] };

describe('an output in a notebook', () => {
  it('is shown as it stands', () => {
    assert.deepEqual(readStored(() => stored), { kind: 'outcome', shown: stored.shown, links: stored.links, notes: stored.notes });
  });

  it('that is newer, damaged or nothing of ours is a sentence', () => {
    const why = (json: () => unknown): string => {
      const read = readStored(json);
      return read.kind === 'unreadable' ? read.why : assert.fail('it is shown');
    };
    assert.match(why(() => ({ ...stored, version: 2 })), /newer version/);
    assert.match(why(() => JSON.parse('{') as unknown), /damaged/);
    for (const other of [null, [], {}, 'text', { version: 1 }, { version: 0, shown: [] }]) assert.match(why(() => other), /no output of DifFace/, JSON.stringify(other));
  });

  it('whose parts are unknown or wrong says them in words and shows the rest', () => {
    const read = readStored(() => ({ ...stored, shown: [{ kind: 'hologram', title: '', text: 'a hologram' }, grid, { ...grid, cells: [[]] }, { ...grid, cells: [[{ ...picture, mime: 'text/html' }]] }, 7] }));
    assert.deepEqual(read.kind === 'outcome' && read.shown.map(({ kind, text }) => [kind, text]), [
      ['unknown', 'a hologram'], ['grid', 'a grid'], ['unknown', 'a grid'], ['unknown', 'a grid'], ['unknown', 'This part of the output cannot be shown by this version of DifFace.'],
    ]);
  });

  it('can be anything: it is read without an exception', () => {
    const kinds = fc.constantFrom('picture', 'clip', 'strip', 'grid', 'table', 'plot', 'toString', '__proto__');
    const shown = fc.dictionary(fc.constantFrom('kind', 'title', 'text', 'after', 'before', 'poster', 'seconds', 'steps', 'rows', 'columns', 'cells', 'x', 'y', 'lines'), fc.oneof(kinds, fc.jsonValue()));
    fc.assert(fc.property(fc.array(fc.oneof(shown, fc.jsonValue())), fc.jsonValue(), (parts, links) => {
      const read = readStored(() => ({ version: 1, shown: parts, links, notes: links }));
      assert.equal(read.kind === 'outcome' && read.shown.length, parts.length);
    }), { numRuns: 500 });
  });
});

describe('figures', () => {
  it('have the digits that count', () => {
    assert.deepEqual([31.41592, 0.8123456, 1234.56, -2.5, 0.000123456, 7, 0, null].map(valueText), ['31.42', '0.8123', '1235', '−2.500', '0.000123', '7', '0', '–']);
  });

  it('of a column stand under each other', () => {
    assert.deepEqual(columnTexts([6.1, 12, -0.25, null, '∞']), ['6.10', '12.00', '−0.25', '–', '∞']);
    assert.deepEqual(columnTexts([12_345, 2]), ['12345', '2']);
  });
});
