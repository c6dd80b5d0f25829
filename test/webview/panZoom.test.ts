import { strict as assert } from 'node:assert';
import fc from 'fast-check';
import { describe, it } from 'mocha';
import { fitting, fitZoom, panned, placed, zoomedAt, type View } from '../../webview/viewer/panZoom.ts';

const size = fc.record({ width: fc.integer({ min: 1, max: 8000 }), height: fc.integer({ min: 1, max: 8000 }) });
const room = fc.record({ width: fc.integer({ min: 100, max: 3000 }), height: fc.integer({ min: 100, max: 2000 }) });

describe('pan and zoom', () => {
  it('fits all of the picture into the window, in the middle', () => {
    fc.assert(fc.property(size, room, (picture, window) => {
      fc.pre(fitZoom(picture, window) > 0.02);
      const at = placed(fitting, picture, window);
      assert.ok(at.x >= -1e-6 && at.y >= -1e-6 && at.x + at.width <= window.width + 1e-6 && at.y + at.height <= window.height + 1e-6);
      assert.ok(Math.abs(at.x * 2 + at.width - window.width) < 1e-6);
    }));
  });

  it('zooms at the pointer: what lies under it stays there', () => {
    const [picture, window] = [{ width: 4000, height: 3000 }, { width: 900, height: 600 }];
    const under = (view: View, x: number, y: number): readonly [number, number] => {
      const at = placed(view, picture, window);
      return [(x - at.x) / (at.width / picture.width), (y - at.y) / (at.height / picture.height)];
    };
    const near = zoomedAt(fitting, 12, { x: 500, y: 250 }, picture, window);
    const nearer = zoomedAt(near, 1.7, { x: 620, y: 310 }, picture, window);
    for (const [before, after, x, y] of [[fitting, near, 500, 250], [near, nearer, 620, 310]] as const) {
      const [a, b] = [under(before, x, y), under(after, x, y)];
      assert.ok(Math.hypot(a[0] - b[0], a[1] - b[1]) < 1e-6, `${a.join()} became ${b.join()}`);
    }
  });

  it('never loses the picture, however far it is dragged', () => {
    fc.assert(fc.property(size, room, fc.double({ min: 0.05, max: 30, noNaN: true }), fc.integer({ min: -20_000, max: 20_000 }), fc.integer({ min: -20_000, max: 20_000 }), (picture, window, factor, dx, dy) => {
      const at = placed(panned(zoomedAt(fitting, factor, { x: 10, y: 10 }, picture, window), dx, dy, picture, window), picture, window);
      assert.ok(at.x < window.width && at.y < window.height && at.x + at.width > 0 && at.y + at.height > 0);
    }));
  });
});
