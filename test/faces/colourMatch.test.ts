import { strict as assert } from 'node:assert';
import fc from 'fast-check';
import { describe, it } from 'mocha';
import { matchColours } from '../../kernel/faces/colourMatch.ts';
import { fromLab, toLab } from '../../kernel/faces/lab.ts';
import type { RgbImage } from '../../kernel/tensor/rgbImage.ts';

const side = 128;

/** A skin-coloured blob on a darker ground with fine stripes. @param change of each sample */
function face(change: (value: number, channel: number) => number = (value) => value): RgbImage {
  const data = new Uint8Array(3 * side * side);
  for (let y = 0; y < side; y++) {
    for (let x = 0; x < side; x++) {
      const centre = Math.exp(-((x - 64) ** 2 + (y - 70) ** 2) / 1800);
      for (const [c, [low, high]] of ([[60, 200], [55, 150], [50, 125]] as const).entries()) {
        data[3 * (y * side + x) + c] = Math.round(Math.min(255, Math.max(0, change(low + (high - low) * centre + (x % 4 < 2 ? 6 : -6), c))));
      }
    }
  }
  return { width: side, height: side, data };
}

function meanAround({ data }: RgbImage): readonly number[] {
  const sums = [0, 0, 0];
  for (let y = 40; y < 100; y++) for (let x = 40; x < 90; x++) for (let c = 0; c < 3; c++) sums[c]! += data[3 * (y * side + x) + c]!;
  return sums.map((sum) => sum / (60 * 50));
}

function stripes({ data }: RgbImage): number {
  let sum = 0;
  for (let y = 50; y < 90; y++) for (let x = 50; x < 80; x++) sum += Math.abs(data[3 * (y * side + x) + 1]! - data[3 * (y * side + x + 2) + 1]!);
  return sum / (40 * 30);
}

describe('matching colours', () => {
  it('takes a drift of colour and contrast back', () => {
    const original = face();
    const drifted = face((value, c) => (value - 110) * 0.9 + 110 + [14, 2, -12][c]!);
    const matched = matchColours(drifted, original);
    const [wanted, before, now] = [meanAround(original), meanAround(drifted), meanAround(matched)];
    for (let c = 0; c < 3; c++) assert.ok(Math.abs(now[c]! - wanted[c]!) < 2.5, `channel ${c}: ${before[c]!} became ${now[c]!}, not ${wanted[c]!}`);
  });

  it('leaves what has not drifted as it is, and keeps detail that the original lacks', () => {
    const original = face();
    const same = matchColours(original, original);
    assert.ok(same.data.every((value, i) => Math.abs(value - original.data[i]!) <= 1));
    const smooth = { ...original, data: original.data.map((_, i) => Math.round((original.data[i - 6] ?? original.data[i]!) / 2 + original.data[i]! / 2)) };
    assert.ok(stripes(smooth) < 0.25 * stripes(original));
    assert.ok(stripes(matchColours(original, smooth)) > 0.95 * stripes(original));
  });

  it('a flat original takes no more of the contrast than a fifth', () => {
    const flat = { width: side, height: side, data: new Uint8Array(3 * side * side).fill(120) };
    const matched = matchColours(face(), flat);
    const spread = (image: RgbImage): number => image.data[3 * (70 * side + 64) + 1]! - image.data[3 * (10 * side + 10) + 1]!;
    assert.ok(spread(matched) > 0.7 * spread(face()));
  });
});

describe('Lab', () => {
  it('comes back to the same colour', () => {
    const level = fc.nat(255);
    fc.assert(fc.property(level, level, level, (r, g, b) => {
      const back = fromLab(toLab(r, g, b));
      assert.ok([r, g, b].every((value, c) => Math.abs(value - back[c]!) < 0.01));
    }));
  });

  it('has greys without colour, white at 100', () => {
    const [l, a, b] = toLab(255, 255, 255);
    assert.ok(Math.abs(l - 100) < 1e-4 && Math.abs(a) < 0.01 && Math.abs(b) < 0.02);
  });
});
