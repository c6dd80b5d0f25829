import { strict as assert } from 'node:assert';
import { describe, it } from 'mocha';
import { bandPower, octaveBands } from '../../kernel/metrics/bandPower.ts';
import { halfPowerSpectrum } from '../../kernel/metrics/fourier.ts';
import { highFrequencyPower } from '../../kernel/metrics/highFrequency.ts';
import type { RgbImage } from '../../kernel/tensor/rgbImage.ts';

/** Values without any order, the same in each run. */
function scrambled(count: number): Float64Array {
  return Float64Array.from({ length: count }, (_, i) => ((Math.sin(i * 12.9898) * 43758.5453) % 1) * 100);
}

/** By the definition of the transform. */
function slowPower(plane: Float64Array, n: number, u: number, v: number): number {
  let [re, im] = [0, 0];
  for (let y = 0; y < n; y++) {
    for (let x = 0; x < n; x++) {
      const angle = (-2 * Math.PI * (u * x + v * y)) / n;
      re += plane[y * n + x]! * Math.cos(angle);
      im += plane[y * n + x]! * Math.sin(angle);
    }
  }
  return re * re + im * im;
}

function wave(side: number, period: number, amplitude: number): Float64Array {
  return Float64Array.from({ length: side * side }, (_, i) => 128 + amplitude * Math.cos((2 * Math.PI * (i % side)) / period));
}

function grey(plane: Float64Array, side: number): RgbImage {
  return { width: side, height: side, data: Uint8Array.from({ length: 3 * plane.length }, (_, i) => plane[Math.floor(i / 3)]!) };
}

describe('the power spectrum', () => {
  for (const n of [1, 2, 3, 8, 12, 15, 7]) {
    it(`is the transform's own of ${n}x${n} values`, () => {
      const plane = scrambled(n * n);
      const spectrum = halfPowerSpectrum(plane, n);
      const half = Math.floor(n / 2) + 1;
      assert.equal(spectrum.length, n * half);
      for (let u = 0; u < n; u++) {
        for (let v = 0; v < half; v++) {
          const expected = slowPower(plane, n, u, v);
          assert.ok(Math.abs(spectrum[u * half + v]! - expected) <= 1e-9 * (1 + expected), `(${u}, ${v}): ${spectrum[u * half + v]!} instead of ${expected}`);
        }
      }
    });
  }
});

describe('power in bands', () => {
  it('has octaves whose edges mean the same in every size', () => {
    assert.deepEqual(octaveBands(128), [{ from: 32, to: null }, { from: 16, to: 32 }, { from: 8, to: 16 }, { from: 4, to: 8 }, { from: 0, to: 4 }]);
    assert.deepEqual(octaveBands(512).slice(0, 3), [{ from: 128, to: null }, { from: 64, to: 128 }, { from: 32, to: 64 }]);
    assert.deepEqual(octaveBands(96), [{ from: 16, to: null }, { from: 8, to: 16 }, { from: 4, to: 8 }, { from: 0, to: 4 }]);
    assert.deepEqual(octaveBands(6), [{ from: 4, to: null }, { from: 0, to: 4 }]);
  });

  for (const [side, period, band] of [[128, 24, 1], [128, 6, 3], [128, 64, 0], [96, 12, 1], [96, 3, 3], [512, 48, 2]] as const) {
    it(`finds a wave of period ${period} in its band of a side of ${side}, with half its squared amplitude`, () => {
      const power = bandPower(wave(side, period, 20), side);
      const sum = power.reduce((total, value) => total + value, 0);
      assert.ok(Math.abs(sum - 200) < 4, `${sum}`);
      assert.ok(power[band]! > 0.95 * sum, power.join());
    });
  }

  it('is none in a plane of one value', () => {
    assert.ok(bandPower(new Float64Array(64 * 64).fill(77), 64).every((value) => value < 1e-20));
  });

  it('of the finer bands sums to the high-frequency power of a picture', () => {
    const side = 64;
    const plane = scrambled(side * side).map((value) => Math.round(128 + value));
    const power = bandPower(plane, side);
    for (const [i, { to }] of octaveBands(side).entries()) {
      if (to === null) continue;
      const finer = power.slice(i).reduce((total, value) => total + value, 0);
      const detail = highFrequencyPower(grey(plane, side), to);
      assert.ok(Math.abs(finer - detail) < 1e-8 * detail, `below ${to} px: ${finer} and ${detail}`);
    }
  });

  it('refuses what is not square', () => {
    assert.throws(() => bandPower(new Float64Array(12), 3), RangeError);
    assert.throws(() => highFrequencyPower({ width: 4, height: 2, data: new Uint8Array(24) }, 2), RangeError);
  });
});

describe('high-frequency power', () => {
  it('counts what is shorter than the period, and not what is as long', () => {
    const side = 128;
    const picture = grey(wave(side, 8, 50), side);
    // The window spreads the wave, the 16th frequency, over the 15th and the 17th.
    assert.ok(highFrequencyPower(picture, 128 / 17.5) < 1);
    assert.ok(Math.abs(highFrequencyPower(picture, 128 / 14.5) - 1250) < 25);
  });

  it('did not change', () => {
    // recorded with the transform in its first, direct form
    const picture: RgbImage = { width: 32, height: 32, data: Uint8Array.from({ length: 3 * 32 * 32 }, (_, i) => (i * i * 7 + i * 13) % 256) };
    assert.ok(Math.abs(highFrequencyPower(picture, 8) - 2365.9339084450876) < 1e-9);
    assert.ok(Math.abs(highFrequencyPower(picture, 16) - 2387.876201553255) < 1e-9);
  });
});
