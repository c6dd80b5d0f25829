import { strict as assert } from 'node:assert';
import { describe, it } from 'mocha';
import { psnr } from '../../kernel/metrics/fidelity.ts';
import { highFrequencyPower } from '../../kernel/metrics/highFrequency.ts';
import { drawAlignedFace } from '../../samples/drawing/alignedFace.ts';
import { degrade, drawDegradation, enlarged, severities, type Severity } from '../../samples/drawing/degrade.ts';

const { image } = drawAlignedFace(11, 128);
const kinds = ['moderate', 'severe'] as const satisfies readonly Severity[];

describe('degradation', () => {
  it('is the same for the same seeds; another noise seed changes the noise only a little', async () => {
    const d = drawDegradation('moderate', 4);
    assert.deepEqual(d, drawDegradation('moderate', 4));
    const [one, again, other] = await Promise.all([degrade(image, d, 9), degrade(image, d, 9), degrade(image, d, 10)]);
    assert.deepEqual(one.data, again.data);
    assert.notDeepEqual(one.data, other.data);
    assert.ok(psnr(one, other) > 15);
  });

  it('keeps to its ranges', () => {
    for (const kind of kinds) {
      const ranges = severities[kind];
      for (let seed = 0; seed < 200; seed++) {
        const d = drawDegradation(kind, seed);
        const values = [[d.blur.along, ranges.blur], [d.blur.across, ranges.blur], [d.downsample, ranges.downsample], [d.noise, ranges.noise], [d.quality, ranges.quality]] as const;
        for (const [value, [low, high]] of values) assert.ok(value >= low && value <= high);
      }
    }
  });

  it('severe takes more than moderate, and both take most of the detail', async () => {
    const results = { moderate: 0, severe: 0 };
    for (const kind of kinds) {
      for (let seed = 0; seed < 6; seed++) {
        const spoilt = await degrade(image, { ...drawDegradation(kind, seed), noise: 0 }, seed);
        assert.equal(spoilt.width, image.width);
        assert.ok(highFrequencyPower(spoilt, 8) < highFrequencyPower(image, 8));
        results[kind] += psnr(spoilt, image) / 6;
      }
    }
    assert.ok(results.severe < results.moderate - 1, JSON.stringify(results));
  });

  it('scales with the size of the faces', () => {
    const d = drawDegradation('severe', 1);
    const large = enlarged(d, 2);
    assert.equal(large.downsample, 2 * d.downsample);
    assert.equal(large.blur.along, 2 * d.blur.along);
    assert.equal(large.noise, d.noise);
  });
});
