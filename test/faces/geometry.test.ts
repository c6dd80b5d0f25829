import { strict as assert } from 'node:assert';
import fc from 'fast-check';
import { describe, it } from 'mocha';
import { alignment, cropFace } from '../../kernel/faces/align.ts';
import type { Face, Landmarks } from '../../kernel/faces/face.ts';
import { erode, gaussianBlur } from '../../kernel/faces/filters.ts';
import { pasteFace } from '../../kernel/faces/paste.ts';
import { apply, estimateSimilarity, faceTemplate, invert, type Similarity } from '../../kernel/faces/similarity.ts';
import { gaussian, hampel } from '../../kernel/faces/smooth.ts';
import { Tracker } from '../../kernel/faces/tracker.ts';
import type { RgbImage } from '../../kernel/tensor/rgbImage.ts';

const similarities = fc.record({ scale: fc.double({ min: 0.2, max: 4, noNaN: true }), angle: fc.double({ min: -1, max: 1, noNaN: true }), tx: fc.integer({ min: -500, max: 500 }), ty: fc.integer({ min: -500, max: 500 }) })
  .map(({ scale, angle, tx, ty }): Similarity => ({ a: scale * Math.cos(angle), b: scale * Math.sin(angle), tx, ty }));

function moved(similarity: Similarity, size: number): Landmarks {
  return faceTemplate(size).map((point) => apply(similarity, point)) as unknown as Landmarks;
}

function picture(width: number, height: number): RgbImage {
  const data = new Uint8Array(3 * width * height);
  for (let i = 0; i < data.length; i++) data[i] = 128 + 90 * Math.sin(i / 50 + Math.floor(i / (3 * width)) / 9);
  return { width, height, data };
}

describe('the similarity of five points', () => {
  it('is found exactly', () => {
    fc.assert(fc.property(similarities, (similarity) => {
      const found = estimateSimilarity(moved(similarity, 128), faceTemplate(128));
      for (const point of faceTemplate(128)) {
        const { x, y } = apply(found, apply(similarity, point));
        assert.ok(Math.hypot(x - point.x, y - point.y) < 0.01);
      }
    }));
  });

  it('does not follow one point that is far off', () => {
    fc.assert(fc.property(similarities, fc.nat(4), (similarity, wrong) => {
      const points = moved(similarity, 128).map((point, i) => (i === wrong ? { x: point.x + 60, y: point.y - 80 } : point)) as unknown as Landmarks;
      const found = estimateSimilarity(points, faceTemplate(128));
      const errors = faceTemplate(128).map((point) => {
        const { x, y } = apply(found, apply(similarity, point));
        return Math.hypot(x - point.x, y - point.y);
      });
      assert.ok(Math.max(...errors) < 1, errors.join(' '));
    }));
  });

  it('has an inverse', () => {
    fc.assert(fc.property(similarities, fc.nat(600), fc.nat(600), (similarity, x, y) => {
      const back = apply(invert(similarity), apply(similarity, { x, y }));
      assert.ok(Math.hypot(back.x - x, back.y - y) < 1e-6);
    }));
  });
});

describe('pasting', () => {
  const landmarks = moved({ a: 0.9, b: 0.2, tx: 60, ty: 30 }, 128);
  const toCrop = alignment(landmarks, 128);

  it('an unchanged crop changes the picture by no more than resampling does', () => {
    const before = picture(320, 240);
    const after = { ...before, data: before.data.slice() };
    pasteFace(after, cropFace(before, toCrop, 128), toCrop, { mask: { kind: 'oval' } });
    const largest = after.data.reduce((most, value, i) => Math.max(most, Math.abs(value - before.data[i]!)), 0);
    assert.ok(largest <= 12, `${largest}`);
  });

  it('touches nothing outside the crop, and nothing at all with strength 0', () => {
    const before = picture(320, 240);
    const white = { width: 128, height: 128, data: new Uint8Array(3 * 128 * 128).fill(255) };
    const untouched = { ...before, data: before.data.slice() };
    pasteFace(untouched, white, toCrop, { mask: { kind: 'oval' }, strength: 0 });
    assert.deepEqual(untouched.data, before.data);
    const after = { ...before, data: before.data.slice() };
    pasteFace(after, white, toCrop, { mask: { kind: 'oval' } });
    let changed = 0;
    for (let p = 0; p < 320 * 240; p++) {
      if (after.data[3 * p] === before.data[3 * p]) continue;
      changed++;
      const { x, y } = apply(toCrop, { x: p % 320, y: Math.floor(p / 320) });
      assert.ok(x > -1 && y > -1 && x < 128 && y < 128);
    }
    assert.ok(changed > 2000);
  });

  it('by the parts of the face pastes nothing where the parser sees no face, all of it in the middle of skin, and nothing of hats and clothes', () => {
    const before = picture(320, 240);
    const white = { width: 128, height: 128, data: new Uint8Array(3 * 128 * 128).fill(255) };
    const pasted = (label: (x: number, y: number) => number): RgbImage => {
      const after = { ...before, data: before.data.slice() };
      pasteFace(after, white, toCrop, { mask: { kind: 'reference', labels: Uint8Array.from({ length: 512 * 512 }, (_, i) => label(i % 512, Math.floor(i / 512))) } });
      return after;
    };
    assert.deepEqual(pasted(() => 0).data, before.data);
    for (const label of [14, 16, 17, 18]) assert.deepEqual(pasted(() => label).data, before.data);
    const { x, y } = apply(invert(toCrop), { x: 64, y: 64 });
    const middle = 3 * (Math.round(y) * 320 + Math.round(x));
    assert.deepEqual([...pasted(() => 1).data.subarray(middle, middle + 3)], [255, 255, 255]);
    assert.deepEqual([...pasted((column) => (column < 256 ? 1 : 18)).data.subarray(middle, middle + 3)].map((value, c) => value > before.data[middle + c]! && value < 255), [true, true, true]);
  });

  it('into 16 bit pastes the same colours', () => {
    const eight = picture(320, 240);
    const sixteen = { ...eight, data: Uint16Array.from(eight.data, (value) => value * 257) };
    const face = picture(128, 128);
    pasteFace(eight, face, toCrop, { mask: { kind: 'oval' } });
    pasteFace(sixteen, face, toCrop, { mask: { kind: 'oval' } });
    for (const [i, value] of eight.data.entries()) assert.ok(Math.abs(sixteen.data[i]! / 257 - value) <= 0.51);
  });
});

describe('filters', () => {
  it('erosion is the minimum of the window', () => {
    fc.assert(fc.property(fc.integer({ min: 1, max: 7 }), fc.array(fc.nat(9), { minLength: 48, maxLength: 48 }), (k, values) => {
      const { data } = erode({ data: Float64Array.from(values), width: 8, height: 6 }, k);
      const before = Math.floor(k / 2);
      for (let y = 0; y < 6; y++) {
        for (let x = 0; x < 8; x++) {
          let least = Infinity;
          for (let v = Math.max(0, y - before); v <= Math.min(5, y + k - 1 - before); v++) for (let u = Math.max(0, x - before); u <= Math.min(7, x + k - 1 - before); u++) least = Math.min(least, values[8 * v + u]!);
          assert.equal(data[8 * y + x], least);
        }
      }
    }));
  });

  it('blurring keeps a flat plane flat', () => {
    for (const size of [3, 9, 21]) assert.ok(gaussianBlur({ data: new Float64Array(400).fill(3), width: 20, height: 20 }, size).data.every((value) => Math.abs(value - 3) < 1e-9));
  });
});

describe('smoothing over time', () => {
  it('leaves a steady motion as it is', () => {
    const line = Array.from({ length: 30 }, (_, i) => 5 + 0.7 * i);
    for (const [i, value] of gaussian(hampel(line), 2).entries()) assert.ok(Math.abs(value - line[i]!) < 1e-9);
  });
  it('takes away jitter', () => {
    const jitter = Array.from({ length: 60 }, (_, i) => (i % 2 === 0 ? 1 : -1));
    assert.ok(gaussian(hampel(jitter), 2).slice(10, 50).every((value) => Math.abs(value) < 0.05));
  });
  it('replaces an outlier, and nothing beside it', () => {
    const line = Array.from({ length: 30 }, (_, i) => 0.5 * i);
    const spoilt = line.map((value, i) => (i === 12 ? value + 40 : value));
    for (const [i, value] of hampel(spoilt).entries()) assert.ok(Math.abs(value - line[i]!) <= 0.5, `${i}`);
  });
});

describe('the tracker', () => {
  const face = (x: number, y = 100): Face => ({
    box: { x: x - 30, y: y - 40, width: 60, height: 80 }, score: 1,
    landmarks: [{ x: x - 15, y: y - 10 }, { x: x + 15, y: y - 10 }, { x, y }, { x: x - 12, y: y + 15 }, { x: x + 12, y: y + 15 }],
  });

  it('keeps two moving faces apart and numbers them from left to right', () => {
    const tracker = new Tracker();
    for (let i = 0; i < 20; i++) tracker.add(i % 2 === 0 ? [face(400 - 4 * i), face(100 + 4 * i)] : [face(100 + 4 * i), face(400 - 4 * i)]);
    const tracks = tracker.finish();
    assert.deepEqual(tracks.map(({ id, first, landmarks }) => [id, first, landmarks.length, Math.round(landmarks[19]![2].x)]), [[0, 0, 20, 176], [1, 0, 20, 324]]);
  });

  it('fills a gap between the frames around it', () => {
    const tracker = new Tracker();
    for (const x of [100, 104, undefined, undefined, 116]) tracker.add(x === undefined ? [] : [face(x)]);
    const [track] = tracker.finish();
    assert.deepEqual(track!.landmarks.map((points) => points[2].x), [100, 104, 108, 112, 116]);
  });

  it('begins anew after a cut, and forgets chance finds', () => {
    const tracker = new Tracker();
    for (let i = 0; i < 10; i++) tracker.add(i === 4 ? [face(100), face(600)] : [face(100)], i === 5);
    assert.deepEqual(tracker.finish().map(({ first, landmarks }) => [first, landmarks.length]), [[0, 5], [5, 5]]);
  });
});
