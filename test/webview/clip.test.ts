import { strict as assert } from 'node:assert';
import fc from 'fast-check';
import { describe, it } from 'mocha';
import { previewSize } from '../../webview/clipContent.ts';
import type { Ask } from '../../webview/host.ts';
import { FrameIndex } from '../../webview/player/frameIndex.ts';
import { FrameRuns } from '../../webview/timeline/frameRuns.ts';
import { slotsWithin, Thumbnails, thumbnailSize } from '../../webview/timeline/thumbnails.ts';
import { timecode } from '../../webview/timeline/timecode.ts';

describe('the frames of a clip', () => {
  const variable = new FrameIndex([100, 140, 200, 201, 500], 100, true);

  it('is the one shown at a time, also where frames come irregularly', () => {
    assert.deepEqual([0, 0.39, 0.4, 0.99, 1, 1.01, 3.9, 4, 99].map((seconds) => variable.at(seconds)), [0, 0, 1, 1, 2, 3, 3, 4, 4]);
    assert.deepEqual([0, 119, 121, 200.4, 10_000].map((ticks) => variable.nearest(ticks)), [0, 0, 1, 2, 4]);
  });

  it('every frame is found again by its own time', () => {
    const ntsc = new FrameIndex(Array.from({ length: 4000 }, (_, i) => Math.round((i * 1001 * 90_000) / 30_000)), 90_000, true);
    for (let i = 0; i < ntsc.count; i++) assert.equal(ntsc.at(ntsc.seconds(i)), i);
  });

  it('are estimated evenly until they are known', () => {
    const index = FrameIndex.estimated({ kind: 'clip', path: '', codec: '', width: 2, height: 2, pixelAspect: 1, frameRate: 25, duration: 4, ticksPerSecond: 1000, start: 80, sound: false });
    assert.deepEqual([index.count, index.ticks[0], index.ticks[99], index.exact], [100, 80, 4040, false]);
    assert.ok(Math.abs(index.duration - 4) < 1e-9);
  });
});

describe('the timeline', () => {
  it('draws consecutive frames as one piece', () => {
    assert.deepEqual(new FrameRuns([7, 3, 4, 5, 9, 10, 30]).within(4, 20), [[4, 5], [7, 7], [9, 10]]);
    assert.deepEqual([new FrameRuns().within(0, 9), new FrameRuns().empty], [[], true]);
  });

  it('frames that come one by one, in any order and twice, make the same pieces', () => {
    fc.assert(fc.property(fc.array(fc.integer({ min: 0, max: 30 })), (frames) => {
      const grown = new FrameRuns();
      for (const frame of frames) grown.add(frame);
      const listed = grown.within(0, 30).flatMap(([first, last]) => Array.from({ length: last - first + 1 }, (_, i) => first + i));
      assert.deepEqual(listed, [...new Set(frames)].sort((a, b) => a - b));
      assert.ok(grown.within(0, 30).every(([first], i, all) => i === 0 || first > all[i - 1]![1] + 1));
    }));
  });

  it('small pictures keep their width and their shape, however far the timeline is drawn apart', () => {
    assert.deepEqual(thumbnailSize({ width: 1920, height: 1080 }), { width: 74, height: 42 });
    for (const zoom of [1, 3, 32]) {
      const slots = slotsWithin({ left: 500, width: 840 }, 840 * zoom, 74, 60);
      assert.ok(slots.length <= 13 && slots.every(({ x, seconds }) => x % 74 === 0 && seconds >= 0 && seconds <= 60));
      assert.equal(new Set(slots.map(({ seconds }) => seconds)).size, slots.length);
      for (const { x, seconds } of slots) assert.ok(Math.abs(seconds - ((x + 37) / (840 * zoom)) * 60) <= (74 / (840 * zoom)) * 60, 'each shows what is about there');
    }
    assert.deepEqual(slotsWithin({ left: -74, width: 300 }, 100, 74, 10).map(({ x }) => x), [0, 74]);
  });

  it('only small pictures that are seen are fetched, two at a time, once each', async () => {
    const asked: number[] = [];
    let [flying, most] = [0, 0];
    const ask = (async (question: { readonly ticks: number }) => {
      asked.push(question.ticks);
      most = Math.max(most, ++flying);
      await new Promise((resolve) => setTimeout(resolve, 1));
      flying--;
      return { result: null, bytes: new ArrayBuffer(3) };
    }) as unknown as Ask;
    const index = new FrameIndex(Array.from({ length: 100 }, (_, i) => i), 1, true);
    const thumbnails = new Thumbnails(ask, () => index, { width: 74, height: 42 }, () => undefined);
    thumbnails.want([5, 6, 7]);
    assert.deepEqual(asked, [], 'what is on the stage comes first');
    thumbnails.begin();
    thumbnails.want([50, 5]);
    await new Promise((resolve) => setTimeout(resolve, 30));
    assert.deepEqual([[...asked].sort((a, b) => a - b), most], [[5, 6, 50], 2], 'what is no longer seen is not asked for');
    assert.match(thumbnails.at(50, 1) ?? '', /^blob:/);
    assert.equal(thumbnails.at(51.5, 2), thumbnails.at(50, 1), 'one near it stands for it');
    assert.equal(thumbnails.at(60, 2), undefined);
    thumbnails.dispose();
  });

  it('writes times as people read them', () => {
    assert.deepEqual([[0, true], [4.9333333, true], [59.9996, true], [3723, false], [61.2, false]].map(([seconds, fine]) => timecode(seconds as number, fine as boolean)), ['0:00.000', '0:04.933', '1:00.000', '1:02:03', '1:01']);
  });
});

describe('previews', () => {
  it('are no larger than the clip, the window or 1280 px, keep the shape, and are even', () => {
    for (const [width, height, room] of [[1920, 1080, 900], [3840, 2160, 4000], [640, 360, 4000], [1080, 1920, 700], [321, 181, 900]] as const) {
      const size = previewSize({ width, height, pixelAspect: 1 }, { width: room, height: room });
      assert.ok(size.width <= Math.min(1280, width + 1) && size.width % 2 === 0 && size.height % 2 === 0, JSON.stringify(size));
      assert.ok(Math.abs(size.width / size.height - width / height) < 0.02 * (width / height), JSON.stringify(size));
    }
  });
});
