import { strict as assert } from 'node:assert';
import fc from 'fast-check';
import { describe, it } from 'mocha';
import { intersectionOverUnion, mostFaces, suppressBoxes } from '../../kernel/faces/boxSuppression.ts';
import type { Face, Landmarks } from '../../kernel/faces/face.ts';
import { gateNotes, gateOf, gateOfTrack } from '../../kernel/faces/gate.ts';
import { detectAtWorkingSize } from '../../kernel/faces/networkDetection.ts';
import { decodeRetinaFace, priorBoxes, retinaFaceInput, rowsOf, type RetinaFaceRows } from '../../kernel/faces/retinaFace.ts';
import { faceTemplate } from '../../kernel/faces/similarity.ts';
import { overlappingCutouts } from '../../kernel/faces/cutPicture.ts';
import { workingPicture } from '../../kernel/faces/workingPicture.ts';
import { facesInPicture, letterbox, predictions, suppressFinds, type YoloFind } from '../../kernel/faces/yoloFace.ts';
import type { Point, RgbImage } from '../../kernel/tensor/rgbImage.ts';

const grey = (width: number, height: number): RgbImage => ({ width, height, data: new Uint8Array(3 * width * height).fill(90) });
const sides = fc.integer({ min: 20, max: 700 });
const box = fc.record({ x: fc.integer({ min: 0, max: 60 }), y: fc.integer({ min: 0, max: 60 }), width: fc.integer({ min: 1, max: 40 }), height: fc.integer({ min: 1, max: 40 }) })
  .map(({ x, y, width, height }) => ({ x1: x, y1: y, x2: x + width, y2: y + height }));

describe('suppression of overlapping boxes', () => {
  it('keeps the first, none that overlaps one that is kept, and nothing is left out without such a reason', () => {
    fc.assert(fc.property(fc.array(box, { minLength: 1, maxLength: 40 }), fc.double({ min: 0.05, max: 0.95, noNaN: true }), (boxes, overlap) => {
      const kept = suppressBoxes(boxes, overlap);
      assert.equal(kept[0], boxes[0]);
      for (const [i, one] of boxes.entries()) {
        const before = kept.filter((other) => boxes.indexOf(other) < i);
        assert.equal(kept.includes(one), before.every((other) => intersectionOverUnion(other, one) <= overlap));
      }
    }));
  });

  it('ends where there are more faces than any picture has', () => {
    const apart = Array.from({ length: mostFaces + 100 }, (_, i) => ({ x1: 2 * i, y1: 0, x2: 2 * i + 1, y2: 1 }));
    assert.deepEqual(suppressBoxes(apart, 0.4), apart.slice(0, mostFaces));
  });

  it('measures the overlap as the share of the area of both together', () => {
    assert.equal(intersectionOverUnion({ x1: 0, y1: 0, x2: 4, y2: 2 }, { x1: 2, y1: 0, x2: 6, y2: 2 }), 4 / 12);
    assert.equal(intersectionOverUnion({ x1: 0, y1: 0, x2: 1, y2: 1 }, { x1: 1, y1: 1, x2: 2, y2: 2 }), 0);
    fc.assert(fc.property(box, box, (a, b) => intersectionOverUnion(a, b) === intersectionOverUnion(b, a) && intersectionOverUnion(a, a) === 1));
  });
});

describe('RetinaFace around its network', () => {
  /** Rows that say nothing but that there is a face at one prior, with its box and points. */
  function saying(size: { readonly width: number; readonly height: number }, index: number, face: Face): RetinaFaceRows {
    const priors = priorBoxes(size);
    const rows = { scores: new Float32Array(priors.length / 4), boxes: new Float32Array(priors.length), landmarks: new Float32Array(10 * (priors.length / 4)) };
    const [px, py, pw, ph] = priors.subarray(4 * index, 4 * index + 4) as unknown as readonly [number, number, number, number];
    const offset = (point: Point): readonly [number, number] => [(point.x / size.width - px) / (0.1 * pw), (point.y / size.height - py) / (0.1 * ph)];
    const { x, y, width, height } = face.box;
    rows.scores[index] = face.score;
    rows.boxes.set([...offset({ x: x + width / 2, y: y + height / 2 }), Math.log(width / size.width / pw) / 0.2, Math.log(height / size.height / ph) / 0.2], 4 * index);
    rows.landmarks.set(face.landmarks.flatMap(offset), 10 * index);
    return rows;
  }

  it('finds the face that the network names at any prior of any picture', () => {
    fc.assert(fc.property(sides, sides, fc.double({ min: 0, max: 0.999, noNaN: true }), (width, height, which) => {
      const index = Math.floor(which * (priorBoxes({ width, height }).length / 4));
      const landmarks = faceTemplate(60).map(({ x, y }) => ({ x: x + 3, y: y - 7 })) as unknown as Landmarks;
      const face = { box: { x: -5, y: 10, width: 44, height: 61 }, score: 0.9, landmarks };
      const [found, ...others] = decodeRetinaFace(saying({ width, height }, index, face), { width, height });
      assert.deepEqual(others, []);
      for (const [actual, expected] of [[found!.box.x, -5], [found!.box.y, 10], [found!.box.width, 44], [found!.box.height, 61], ...found!.landmarks.flatMap(({ x, y }, i) => [[x, landmarks[i]!.x], [y, landmarks[i]!.y]] as const)] as const) {
        assert.ok(Math.abs(actual - expected) < 1e-2, `${actual} instead of ${expected}`);
      }
    }), { numRuns: 40 });
  });

  it('has two priors on every cell of the three maps, rounded up, and takes no rows of another size', () => {
    assert.equal(priorBoxes({ width: 333, height: 251 }).length / 4, 2 * (42 * 32 + 21 * 16 + 11 * 8));
    assert.throws(() => decodeRetinaFace({ scores: new Float32Array(10), boxes: new Float32Array(40), landmarks: new Float32Array(100) }, { width: 333, height: 251 }), RangeError);
  });

  it('takes faces that are surer than 0.8 alone', () => {
    const size = { width: 100, height: 100 };
    const face = { box: { x: 10, y: 10, width: 40, height: 40 }, landmarks: faceTemplate(50) };
    assert.equal(decodeRetinaFace(saying(size, 5, { ...face, score: 0.79 }), size).length, 0);
    assert.equal(decodeRetinaFace(saying(size, 5, { ...face, score: 0.81 }), size).length, 1);
  });

  it('reads maps anchor by anchor, and logits as a probability', () => {
    const map = (channels: number): { readonly data: Float32Array; readonly shape: readonly number[] } => ({ data: Float32Array.from({ length: channels * 6 }, (_, i) => i / 100), shape: [1, channels, 2, 3] });
    const rows = rowsOf([{ scores: map(4), boxes: map(8), landmarks: map(20) }]);
    assert.equal(rows.scores.length, 12);
    assert.ok(Math.abs(rows.scores[3]! - 1 / (1 + Math.exp(-0.06))) < 1e-6);
    assert.deepEqual([...rows.boxes.subarray(12, 16)], [...Float32Array.of(0.25, 0.31, 0.37, 0.43)]);   // cell 1, second anchor: channels 4 to 7
  });

  it('is given blue, green and red less their means', () => {
    const { data, shape } = retinaFaceInput({ width: 1, height: 1, data: Uint8Array.of(10, 20, 30) });
    assert.deepEqual([[...data], shape], [[30 - 104, 20 - 117, 10 - 123], [1, 3, 1, 1]]);
  });
});

describe('YOLOv5-face around its network', () => {
  it('is given sides that are multiples of 32, and brings what it finds back into the picture', () => {
    fc.assert(fc.property(sides, sides, fc.double({ min: 0.2, max: 0.8, noNaN: true }), fc.double({ min: 0.2, max: 0.8, noNaN: true }), (width, height, u, v) => {
      const [, , rows, columns] = letterbox(grey(width, height)).shape as [number, number, number, number];
      assert.deepEqual([rows % 32, columns % 32], [0, 0]);
      const gain = Math.min(columns / width, rows / height);
      const place = (x: number, y: number): readonly [number, number] => [x * gain + (columns - width * gain) / 2, y * gain + (rows - height * gain) / 2];
      const [x1, y1] = place(-50, -50);
      const [x2, y2] = place(width + 50, height + 50);
      const find: YoloFind = { x1, y1, x2, y2, score: 0.9, points: Array.from({ length: 5 }, () => place(u * width, v * height)).flat() };
      const [face] = facesInPicture([find], { width: columns, height: rows }, { width, height });
      assert.deepEqual(face!.box, { x: 0, y: 0, width, height });
      for (const { x, y } of face!.landmarks) assert.ok(u * width - x > -1e-3 && u * width - x < 1.001 && v * height - y > -1e-3 && v * height - y < 1.001);
    }), { numRuns: 60 });
  });

  it('decodes a cell by its anchor', () => {
    const empty = (height: number, width: number): Float32Array => new Float32Array(48 * height * width).fill(-20);
    const level = empty(2, 3);
    const put = (channel: number, value: number): void => { level[(16 + channel) * 6 + 4] = value; };                 // second anchor, row 1, column 1
    for (const channel of [0, 1, 2, 3]) put(channel, 0);
    put(4, 20);
    put(15, 20);
    for (let k = 5; k < 15; k++) put(k, 0.5);
    const sizes = { data: Float32Array.from({ length: 18 }, (_, i) => i + 1), shape: [3, 3, 2] };
    const rows = predictions({ levels: [empty(4, 6), level, empty(1, 2)].map((data, i) => ({ data, shape: [1, 48, [4, 2, 1][i]!, [6, 3, 2][i]!] })), anchors: sizes });
    const [find, ...others] = suppressFinds(rows);
    assert.deepEqual(others, []);
    const [width, height] = [9, 10];                                   // of the second anchor of the second level
    assert.deepEqual([find!.x1, find!.y1, find!.x2, find!.y2].map((value) => Math.round(100 * value) / 100), [24 - width / 2, 24 - height / 2, 24 + width / 2, 24 + height / 2]);
    assert.deepEqual(find!.points.map((value) => Math.round(100 * value) / 100), Array.from({ length: 5 }, () => [16 + width / 2, 16 + height / 2]).flat());
  });

  it('leaves out what is lower than 10 px', () => {
    const find = (height: number): YoloFind => ({ x1: 10, y1: 10, x2: 40, y2: 10 + height, score: 0.9, points: new Array<number>(10).fill(20) });
    assert.equal(facesInPicture([find(9), find(11)], { width: 64, height: 64 }, { width: 64, height: 64 }).length, 1);
  });
});

describe('the working size', () => {
  it('is that of the reference: at least 640 px, larger pictures stay', () => {
    for (const [width, height, expected, scale] of [[300, 260, [738, 640], 640 / 260], [700, 520, [861, 640], 640 / 520], [640, 900, [640, 900], 1], [4000, 3000, [4000, 3000], 1]] as const) {
      const { picture, scale: actual } = workingPicture(grey(width, height));
      assert.deepEqual([picture.width, picture.height], expected);
      assert.ok(Math.abs(actual - scale) < 1e-12);
    }
  });

  it('leaves narrow strips as they are', () => {
    const { picture, scale } = workingPicture(grey(12_000, 8));
    assert.deepEqual([picture.width, picture.height, scale], [12_000, 8, 1]);
  });
});

/** Draws squares and finds them again: what is brighter than the grey around it is a face, its nose in the middle. */
function squares(width: number, height: number, places: readonly (readonly [number, number, number])[]): RgbImage {
  const image = grey(width, height);
  for (const [left, top, side] of places) for (let y = top; y < top + side; y++) image.data.fill(250, 3 * (y * width + left), 3 * (y * width + left + side));
  return image;
}

function findSquares({ width, height, data }: RgbImage): readonly Face[] {
  const bright = (x: number, y: number): boolean => x >= 0 && y >= 0 && x < width && y < height && data[3 * (y * width + x)]! > 170;
  const found: Face[] = [];
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      if (!bright(x, y) || bright(x - 1, y) || bright(x, y - 1)) continue;
      let [w, h] = [1, 1];
      while (bright(x + w, y)) w++;
      while (bright(x, y + h)) h++;
      const landmarks = faceTemplate(1).map((point) => ({ x: x + point.x * w, y: y + point.y * h })) as unknown as Landmarks;
      found.push({ box: { x, y, width: w, height: h }, score: Math.min(w, h) / Math.max(w, h), landmarks });
    }
  }
  const corners = found.map((face) => ({ face, x1: face.box.x, y1: face.box.y, x2: face.box.x + face.box.width, y2: face.box.y + face.box.height }));
  return suppressBoxes(corners, 0.4).map(({ face }) => face);                                                    // an enlarged square has round corners and is found twice
}

function assertPlaces(found: readonly Face[], places: readonly (readonly [number, number, number])[], tolerance: number): void {
  assert.equal(found.length, places.length, JSON.stringify(found.map(({ box: at }) => at)));
  for (const [i, [left, top, side]] of places.entries()) {
    const { box: at } = found[i]!;
    for (const [actual, expected] of [[at.x, left], [at.y, top], [at.width, side], [at.height, side]] as const) assert.ok(Math.abs(actual - expected) <= tolerance, `${JSON.stringify(at)} instead of ${left}, ${top}, ${side}`);
  }
}

describe('detection at the working size', () => {
  it('gives places in the picture itself, in reading order', async () => {
    const places = [[30, 20, 24], [150, 22, 30], [40, 110, 40]] as const;
    assertPlaces(await detectAtWorkingSize((picture) => Promise.resolve(findSquares(picture)), squares(240, 200, places)), places, 1);
  });

  it('looks at a huge picture in parts of bounded size, and finds each face once: in a part, across borders, and larger than a part\'s share', async () => {
    const [width, height] = [6000, 4200];
    const places = [[100, 60, 20], [2700, 70, 90], [5800, 75, 150], [1200, 1000, 2300], [4200, 1100, 40], [5300, 3900, 260], [20, 4000, 100]] as const;
    const image = squares(width, height, places);
    let most = 0;
    const found = await detectAtWorkingSize((picture) => {
      most = Math.max(most, picture.width * picture.height);
      return Promise.resolve(findSquares(picture));
    }, image);
    assert.ok(most < 9e6, `${most} pixels at once`);
    const byPlace = (a: readonly [number, number, number], b: readonly [number, number, number]): number => a[0] - b[0];
    assertPlaces([...found].sort((a, b) => a.box.x - b.box.x), [...places].sort(byPlace), 3);
  });

  it('looks around the faces of the frame before alone, where they are given', async () => {
    const image = squares(1600, 1200, [[200, 200, 80], [1200, 900, 60]]);
    const near = findSquares(image).slice(0, 1).map((face) => ({ ...face, box: { ...face.box, x: face.box.x - 12 } }));
    let pixels = 0;
    const found = await detectAtWorkingSize((picture) => {
      pixels += picture.width * picture.height;
      return Promise.resolve(findSquares(picture));
    }, image, { near });
    assertPlaces(found, [[200, 200, 80]], 0.01);
    assert.ok(pixels <= 201 ** 2, `${pixels} pixels`);
  });

  it('ends with any faces at all, such as damaged weights find', async () => {
    const landmarks = faceTemplate(10);
    const odd = [0, 1e-300, Infinity, NaN, -4].flatMap((height) => [0, 1e30, NaN].map((y) => ({ box: { x: 0, y, width: 10, height }, score: 0.9, landmarks })));
    assert.equal((await detectAtWorkingSize(() => Promise.resolve(odd), grey(700, 700))).length, odd.length);
  });

  it('stops when it is cancelled', async () => {
    await assert.rejects(detectAtWorkingSize(() => Promise.resolve([]), grey(700, 700), { signal: AbortSignal.abort(new Error('enough')) }), /enough/);
  });

  it('covers any picture with parts that overlap', () => {
    fc.assert(fc.property(fc.integer({ min: 1, max: 9000 }), fc.integer({ min: 1, max: 9000 }), (width, height) => {
      const parts = overlappingCutouts({ width, height }, 4e6, 640);
      for (const [axis, extent, full] of [['x', 'width', width], ['y', 'height', height]] as const) {
        const spans = [...new Map(parts.map((part) => [part[axis], part[axis] + part[extent]]))].sort((a, b) => a[0] - b[0]);
        assert.deepEqual([spans[0]![0], spans.at(-1)![1]], [0, full]);
        for (const [i, [from]] of spans.entries()) if (i > 0) assert.ok(spans[i - 1]![1] - from >= 640 - 1);
      }
      assert.ok(parts.every((part) => part.width * part.height <= 4e6));
    }));
  });
});

describe('faces that hold too little', () => {
  const size = { width: 1000, height: 800 };
  /** The face that all are aligned to, its eyes so many pixels apart, turned to the side. */
  function turned(eyes: number, degrees: number): Landmarks {
    const cosine = Math.cos((degrees * Math.PI) / 180);
    return faceTemplate(512).map(({ x, y }) => ({ x: (x * cosine * eyes) / 126, y: (y * eyes) / 126 })) as unknown as Landmarks;
  }

  it('are the tiny ones and profiles', () => {
    assert.equal(gateOf(turned(60, 0), size), undefined);
    assert.equal(gateOf(turned(60, 45), size), undefined);
    assert.equal(gateOf(turned(60, 80), size), 'profile');
    assert.equal(gateOf(turned(4.8, 0), size), 'tiny');
    assert.equal(gateOf(turned(5.2, 0), size), undefined);
  });

  it('are measured in the picture as the reference enlarges it', () => {
    assert.equal(gateOf(turned(2.6, 0), { width: 256, height: 300 }), undefined);
    assert.equal(gateOf(turned(2.4, 0), { width: 256, height: 300 }), 'tiny');
  });

  it('are judged by most frames of a clip', () => {
    assert.equal(gateOfTrack([turned(60, 0), turned(60, 80), turned(60, 20)], size), undefined);
    assert.equal(gateOfTrack([turned(60, 80), turned(60, 80), turned(60, 20)], size), 'profile');
  });

  it('are told of in one sentence for each reason', () => {
    const notes = gateNotes([...Array.from({ length: 40 }, (_, i) => ({ number: i + 2, gate: 'tiny' as const })), { number: 1, gate: 'profile' }]);
    assert.equal(notes.length, 2);
    assert.match(notes[0]!, /^40 faces \(2, 3, 4, 5, 6, \.\.\.\) are left as they are: too small/);
    assert.match(notes[1]!, /^face 1 is left as it is: .*the side.*--faces 1 /);
    assert.deepEqual(gateNotes([]), []);
  });
});
