import { strict as assert } from 'node:assert';
import { after, before, describe, it } from 'mocha';
import { detectFaces, type Infer } from '../../kernel/faces/detector.ts';
import { FaceDetector } from '../../kernel/pipeline/faceDetector.ts';
import { drawAlignedFace } from '../../samples/drawing/alignedFace.ts';
import { fivePoints, renderScene } from '../../samples/drawing/render.ts';
import { portraitScene } from '../../samples/drawing/sampleScenes.ts';

describe('the detector', () => {
  let detector: FaceDetector;
  before(() => {
    detector = new FaceDetector({ background: false });
  });
  after(() => {
    detector.dispose();
  });

  it('finds both people of the portrait and their five points', async () => {
    const scene = portraitScene();
    const found = await detector.finder('builtin').detect(renderScene(scene).image, {});
    const people = [...scene.people].sort((a, b) => a.x - b.x);
    assert.equal(found.length, people.length);
    for (const [i, person] of people.entries()) {
      for (const [k, point] of fivePoints(person).entries()) {
        const { x, y } = found[i]!.landmarks[k]!;
        assert.ok(Math.hypot(x - point.x, y - point.y) < 0.15 * person.scale, `person ${i}, point ${k}: ${x}, ${y} instead of ${point.x}, ${point.y}`);
      }
    }
  });

  it('is done with a strip of a few pixels', async () => {
    const nothing = (anchors: number) => ({ scores: { data: new Float32Array(anchors).fill(-100), shape: [1, anchors, 1] }, boxes: { data: new Float32Array(16 * anchors), shape: [1, anchors, 16] } });
    const [large, small] = [nothing(512), nothing(384)];
    for (const [width, height, most] of [[40_000, 2, 2], [3, 12_000, 2], [12_000, 60, 800], [40_000, 30, 400], [200, 40_000, 800]] as const) {
      let passes = 0;
      const infer: Infer = () => {
        passes++;
        return Promise.resolve({ scores1: large.scores, boxes1: large.boxes, scores2: small.scores, boxes2: small.boxes });
      };
      assert.deepEqual(await detectFaces(infer, { width, height, data: new Uint8Array(3 * width * height) }), []);
      assert.ok(passes > 0 && passes <= most, `${passes} passes over ${width}x${height}`);
    }
  });

  it('finds a face in a long strip', async () => {
    const face = drawAlignedFace(10_000_500, 64).image;
    const [width, height, left] = [18_000, 64, 7011];
    const data = new Uint8Array(3 * width * height).fill(200);
    for (let y = 0; y < height; y++) data.set(face.data.subarray(3 * 64 * y, 3 * 64 * (y + 1)), 3 * (width * y + left));
    const found = await detector.finder('builtin').detect({ width, height, data }, {});
    assert.equal(found.length, 1);
    const { box } = found[0]!;
    assert.ok(box.x > left - 32 && box.x + box.width < left + 96, JSON.stringify(box));
  });

  it('finds drawn faces of any kind that fill the picture', async () => {
    let found = 0;
    for (let seed = 0; seed < 20; seed++) found += (await detector.finder('builtin').detect(drawAlignedFace(10_000_500 + seed, 128).image, {})).length === 1 ? 1 : 0;
    assert.ok(found >= 19, `${found} of 20`);
  });
});
