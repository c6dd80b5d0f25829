import { strict as assert } from 'node:assert';
import { describe, it } from 'mocha';
import { Announcer } from '../../webview/announcer.ts';
import { recalled, resumed } from '../../webview/editorState.ts';
import type { DocumentState } from '../../webview/protocol.ts';
import { saidOutcome, standingOutcome } from '../../webview/saidOutcome.ts';
import { neighbour } from '../../webview/segments.ts';
import { StateKeeper } from '../../webview/stateKeeper.ts';

const base: DocumentState = { options: { seed: 1 }, leftOut: [1, 2], faces: { kind: 'unknown' }, job: null, outcome: { kind: 'none' }, restored: [], revision: 0, device: null, madeBy: null };

describe('what a page keeps', () => {
  it('is written at once, then now and then, and the last of it in any case', async () => {
    const written: number[] = [];
    const keeper = new StateKeeper<number>((state) => { written.push(state); });
    for (let i = 0; i < 50; i++) keeper.keep(i);
    assert.deepEqual(written, [0]);
    keeper.flush();
    assert.deepEqual(written, [0, 49], 'before the page is hidden');
    keeper.keep(50);
    await new Promise((resolve) => setTimeout(resolve, 250));
    assert.deepEqual(written, [0, 49, 50]);
    keeper.flush();
    assert.deepEqual(written, [0, 49, 50], 'nothing waits');
  });

  it('changes that never rest are written all the same', async () => {
    const written: number[] = [];
    const keeper = new StateKeeper<number>((state) => { written.push(state); });
    for (let i = 0; i < 25; i++) {
      keeper.keep(i);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    assert.ok(written.length >= 3 && written.length <= 6, String(written.length));
  });
});

describe('a page that comes back', () => {
  it('goes on with a restoration that goes on, and stays where it was when it is over', () => {
    const kept = { ...recalled(undefined), position: 35 };
    const job = { what: 'restore', text: '', done: 0.5, waiting: false } as const;
    const parts = (state: Partial<DocumentState>, following = true): readonly unknown[] => {
      const part = resumed({ ...kept, following }, { ...base, ...state });
      return [part.following, part.position];
    };
    assert.deepEqual(parts({ job, restored: [36, 37, 38] }), [true, 38]);
    assert.deepEqual(parts({ job }), [true, 35]);
    assert.deepEqual(parts({ restored: [36, 37, 38] }), [false, undefined]);
    assert.deepEqual(parts({ job, restored: [36] }, false), [false, undefined]);
  });
});

describe('the outcome of a job', () => {
  it('that failed is shown only under the options and faces for which it was said', () => {
    const failed: DocumentState = { ...base, outcome: { kind: 'failed', text: 'All faces are left out.' } };
    const said = saidOutcome(null, failed);
    assert.deepEqual(standingOutcome(said, failed), failed.outcome);
    const taken: DocumentState = { ...failed, leftOut: [2] };
    const later = saidOutcome(said, taken);
    assert.deepEqual(standingOutcome(later, taken), { kind: 'none' });
    assert.deepEqual(standingOutcome(saidOutcome(later, failed), failed), failed.outcome, 'left out again, it holds again');
    assert.deepEqual(standingOutcome(saidOutcome(later, { ...taken, outcome: { kind: 'failed', text: 'Other' } }), { ...taken, outcome: { kind: 'failed', text: 'Other' } }), { kind: 'failed', text: 'Other' });
  });

  it('that was written stays, whatever is chosen then', () => {
    const exported: DocumentState = { ...base, outcome: { kind: 'exported', text: 'Written', path: '/a' } };
    const said = saidOutcome(null, exported);
    assert.deepEqual(standingOutcome(said, { ...exported, options: { seed: 2 } }), exported.outcome);
  });
});

describe('what a screen reader is told', () => {
  it('is progress every five seconds, and an outcome at once', () => {
    const announcer = new Announcer();
    const at = (done: number): DocumentState => ({ ...base, job: { what: 'restore', text: 'face 1', done, waiting: false } });
    assert.equal(announcer.text(at(0), 0), '0 %, face 1');
    assert.equal(announcer.text(at(0.2), 4900), '0 %, face 1');
    assert.equal(announcer.text(at(0.3), 5000), '30 %, face 1');
    assert.equal(announcer.text({ ...base, outcome: { kind: 'cancelled' } }, 5100), 'Cancelled');
    assert.equal(announcer.text(at(0.1), 5200), '10 %, face 1');
  });
});

describe('buttons of which one is chosen', () => {
  it('are gone round by arrow keys; what cannot be chosen is passed over', () => {
    const enabled = [true, false, true, false];
    assert.deepEqual(['ArrowRight', 'ArrowLeft', 'ArrowDown', 'ArrowUp', 'Home', 'End', 'a'].map((key) => neighbour(key, 0, enabled)), [2, 2, 2, 2, 0, 2, undefined]);
    assert.equal(neighbour('ArrowRight', 2, enabled), 0);
    assert.equal(neighbour('ArrowRight', 0, [false, false]), undefined);
    assert.equal(neighbour('ArrowLeft', 0, [true]), 0);
  });
});
