import { strict as assert } from 'node:assert';
import { after, before, describe, it } from 'mocha';
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

  it('finds drawn faces of any kind that fill the picture', async () => {
    let found = 0;
    for (let seed = 0; seed < 20; seed++) found += (await detector.finder('builtin').detect(drawAlignedFace(10_000_500 + seed, 128).image, {})).length === 1 ? 1 : 0;
    assert.ok(found >= 19, `${found} of 20`);
  });
});
