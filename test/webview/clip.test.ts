import { strict as assert } from 'node:assert';
import { describe, it } from 'mocha';
import { previewSize } from '../../webview/clipContent.ts';
import { FrameIndex } from '../../webview/player/frameIndex.ts';
import { timecode } from '../../webview/timeline/timecode.ts';
import { runs } from '../../webview/timeline/timeline.ts';

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
    assert.deepEqual(runs([7, 3, 4, 5, 9, 10, 30], 4, 20), [[4, 5], [7, 7], [9, 10]]);
    assert.deepEqual(runs([], 0, 9), []);
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
