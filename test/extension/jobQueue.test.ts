import { strict as assert } from 'node:assert';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, it } from 'mocha';
import { acrossCrashes, isCancelled, KernelLost, RequestFailure } from '../../extension/failures.ts';
import { JobQueue } from '../../extension/jobQueue.ts';

describe('the queue', () => {
  it('does one thing at a time, in order, and says what is done and what waits', async () => {
    const queue = new JobQueue();
    const log: string[] = [];
    const work = (name: string) => queue.add(name, async ({ report }) => {
      log.push(`${name} begins`);
      report(0.5);
      await sleep(5);
      log.push(`${name} ends`);
      return name;
    });
    const all = [work('a'), work('b'), work('c')];
    assert.deepEqual(queue.jobs.map(({ title, done }) => [title, done]), [['a', 0.5], ['b', undefined], ['c', undefined]]);
    assert.deepEqual(await Promise.all(all), ['a', 'b', 'c']);
    assert.deepEqual(log, ['a begins', 'a ends', 'b begins', 'b ends', 'c begins', 'c ends']);
    assert.deepEqual(queue.jobs, []);
  });

  it('takes out what is cancelled before it begins, and tells what runs', async () => {
    const queue = new JobQueue();
    const outer = new AbortController();
    let begun = false;
    const running = queue.add('a', ({ signal }) => new Promise((_, reject) => {
      signal.addEventListener('abort', () => { reject(new Error('stopped')); });
    }));
    const waiting = queue.add('b', () => {
      begun = true;
      return Promise.resolve();
    }, outer.signal);
    outer.abort();
    await assert.rejects(waiting, isCancelled);
    assert.deepEqual(queue.jobs.map(({ title }) => title), ['a']);
    queue.jobs[0]!.cancel();
    await assert.rejects(running, isCancelled);
    assert.equal(begun, false);
    await assert.rejects(queue.add('c', () => Promise.resolve(1), outer.signal), isCancelled);
  });

  it('takes out what is cancelled in the list of the queue while it waits, which is no failure', async () => {
    const queue = new JobQueue();
    let end = (): void => undefined;
    const running = queue.add('a', () => new Promise<void>((resolve) => {
      end = resolve;
    }));
    const waiting = queue.add('b', () => Promise.resolve());
    queue.jobs[1]!.cancel();
    await assert.rejects(waiting, isCancelled);
    assert.deepEqual(queue.jobs.map(({ title }) => title), ['a']);
    end();
    await running;
  });

  it('goes on after work that failed', async () => {
    const queue = new JobQueue();
    const bad = queue.add('bad', () => Promise.reject(new Error('no')));
    const good = queue.add('good', () => Promise.resolve(1));
    await assert.rejects(bad, /no/);
    assert.equal(await good, 1);
  });
});

describe('work across crashes', () => {
  it('is done again after each loss, and given up when it loses the kernel time and again', async () => {
    let [tries, losses] = [0, 0];
    assert.equal(await acrossCrashes(() => (++tries < 3 ? Promise.reject(new KernelLost()) : Promise.resolve('done')), () => losses++), 'done');
    assert.deepEqual([tries, losses], [3, 2]);
    await assert.rejects(acrossCrashes(() => Promise.reject(new KernelLost()), () => undefined), (error) => error instanceof RequestFailure && error.kind === 'device');
  });

  it('fails at once with what is no crash', async () => {
    let tries = 0;
    await assert.rejects(acrossCrashes(() => {
      tries++;
      return Promise.reject(new RequestFailure('input', 'x is empty'));
    }, () => undefined), /x is empty/);
    assert.equal(tries, 1);
  });
});
