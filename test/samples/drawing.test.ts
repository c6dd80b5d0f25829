import { strict as assert } from 'node:assert';
import { describe, it } from 'mocha';
import { drawAlignedFace } from '../../samples/drawing/alignedFace.ts';
import { mouthOpenAt } from '../../samples/drawing/conversation.ts';
import { drawIdentity } from '../../samples/drawing/identity.ts';
import { Random } from '../../samples/drawing/random.ts';
import { fivePoints, renderScene } from '../../samples/drawing/render.ts';
import { clip, clipScene, portraitScene, speeches } from '../../samples/drawing/sampleScenes.ts';

const size = 64;

function meanDifference(a: Uint8Array, b: Uint8Array): number {
  return a.reduce((sum, value, i) => sum + Math.abs(value - b[i]!), 0) / a.length;
}

describe('drawn faces', () => {
  it('are the same bytes for the same seed and clearly different for neighbouring seeds', () => {
    const [one, again, other] = [5, 5, 6].map((seed) => drawAlignedFace(seed, size).image.data) as [Uint8Array, Uint8Array, Uint8Array];
    assert.deepEqual(one, again);
    assert.ok(meanDifference(one, other) > 5);
  });

  it('have their five points where the aligned crop wants them', () => {
    const wanted = [[192.98, 239.95], [318.9, 240.19], [256.63, 314.02], [201.26, 371.41], [313.09, 371.15]].map(([x, y]) => [(x! * size) / 512, (y! * size) / 512]);
    for (let seed = 0; seed < 20; seed++) {
      const points = fivePoints(drawAlignedFace(seed, size, 0).person);
      const errors = points.map(({ x, y }, i) => Math.hypot(x - wanted[i]![0]!, y - wanted[i]![1]!));
      // Faces differ from the template and turn away from it; a tenth of the crop would be another place of the face.
      assert.ok(Math.sqrt(errors.reduce((sum, e) => sum + e * e, 0) / 5) < size / 16, `seed ${seed}: ${errors.map((e) => e.toFixed(1)).join(' ')}`);
      assert.ok(points[0].x < points[1].x && points[3].x < points[4].x && points[0].y < points[2].y && points[2].y < points[3].y);
    }
  });

  it('have two eyes that are alike: a frontal face is its own mirror image around them', () => {
    const bare = Array.from({ length: 50 }, (_, seed) => drawIdentity(seed)).find(({ glasses }) => !glasses)!;
    const person = { identity: { ...bare, fringe: 0 }, expression: { mouthOpen: 0, smile: 0, eyesOpen: 1, gaze: [0, 0], browRaise: 0 }, pose: { yaw: 0, pitch: 0, roll: 0 }, x: 63.5, y: 60, scale: 32 } as const;
    const light = { direction: [0, -0.2, 0.98], colour: [1, 1, 1], sky: [0.3, 0.3, 0.3], ground: [0.2, 0.2, 0.2] } as const;
    const background = { top: [0.2, 0.2, 0.2], bottom: [0.2, 0.2, 0.2], spots: [], seed: 1 } as const;
    const { image } = renderScene({ width: 128, height: 128, light, background, people: [person] });
    let difference = 0;
    let count = 0;
    for (let y = 54; y < 67; y++) {
      for (let x = 38; x < 58; x++, count++) difference += Math.abs(image.data[3 * (y * 128 + x)]! - image.data[3 * (y * 128 + 127 - x)]!);
    }
    assert.ok(difference / count < 8, `mean difference ${difference / count}`);
  });

  it('vary: skin, hair, glasses and beards of many seeds', () => {
    const people = Array.from({ length: 200 }, (_, seed) => drawIdentity(seed));
    assert.equal(new Set(people.map(({ hairStyle }) => hairStyle)).size, 4);
    const share = people.filter(({ glasses }) => glasses).length / people.length;
    assert.ok(share > 0.1 && share < 0.45);
    const tones = people.map(({ skin }) => skin[0]);
    assert.ok(Math.min(...tones) < 0.2 && Math.max(...tones) > 0.65);
  });
});

describe('sample scenes', () => {
  it('keep the five points of every face well inside the picture', () => {
    for (const scene of [portraitScene(), ...Array.from({ length: 9 }, (_, i) => clipScene((i * clip.seconds) / 9))]) {
      for (const person of scene.people) {
        for (const { x, y } of fivePoints(person)) assert.ok(x > 0.1 * scene.width && x < 0.9 * scene.width && y > 0.1 * scene.height && y < 0.9 * scene.height);
      }
    }
  });

  it('move continuously from frame to frame, and both people talk', () => {
    const points = Array.from({ length: clip.seconds * clip.framesPerSecond }, (_, i) => clipScene(i / clip.framesPerSecond).people.map(fivePoints));
    for (let i = 1; i < points.length; i++) {
      for (const [k, face] of points[i]!.entries()) {
        // The nose moves with the head alone.
        const before = points[i - 1]![k]![2];
        assert.ok(Math.hypot(face[2].x - before.x, face[2].y - before.y) < 5);
      }
    }
    const moved = points.map((faces) => faces[0]![2].x);
    assert.ok(Math.max(...moved) - Math.min(...moved) > 3);
    for (const speech of speeches) {
      const open = Array.from({ length: 60 }, (_, i) => mouthOpenAt(speech, i / 15));
      assert.ok(Math.max(...open) > 0.8 && Math.min(...open) === 0);
    }
  });
});

describe('random numbers of the drawings', () => {
  it('are uniform in their range', () => {
    const r = new Random(1);
    const values = Array.from({ length: 20000 }, () => r.uniform(2, 4));
    assert.ok(values.every((v) => v >= 2 && v < 4));
    // Mean 3, standard error 2/sqrt(12)/sqrt(20000) = 0.004.
    assert.ok(Math.abs(values.reduce((a, b) => a + b) / values.length - 3) < 0.02);
  });
});
