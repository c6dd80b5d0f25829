import { strict as assert } from 'node:assert';
import fc from 'fast-check';
import { describe, it } from 'mocha';
import { enlargePicture, type EnlargeTile } from '../../kernel/faces/enlarge.ts';
import { enlargeSmall, resizeLinear, resizeSamples } from '../../kernel/faces/resize.ts';
import type { RgbImage } from '../../kernel/tensor/rgbImage.ts';
import { tensor } from '../../kernel/tensor/tensor.ts';

function picture(width: number, height: number, seed = 1): RgbImage {
  return { width, height, data: Uint8Array.from({ length: 3 * width * height }, (_, i) => (i * 7919 * seed + ((i * i) >> 3)) % 256) };
}

/** Doubles by repeating pixels after a mean over `reach` pixels to each side; beyond the tile there is nothing. */
const smoothing = (reach: number): EnlargeTile => ({ data, shape: [, channels, height, width] }) => {
  const out = new Float32Array(4 * data.length);
  for (let c = 0; c < channels!; c++) {
    for (let y = 0; y < height!; y++) {
      for (let x = 0; x < width!; x++) {
        let [sum, count] = [0, 0];
        for (let dy = -reach; dy <= reach; dy++) {
          for (let dx = -reach; dx <= reach; dx++) {
            if (y + dy < 0 || x + dx < 0 || y + dy >= height! || x + dx >= width!) continue;
            sum += data[(c * height! + y + dy) * width! + x + dx]!;
            count++;
          }
        }
        for (let k = 0; k < 4; k++) out[(c * 2 * height! + 2 * y + (k >> 1)) * 2 * width! + 2 * x + (k & 1)] = sum / count;
      }
    }
  }
  return Promise.resolve(tensor(out, [1, channels!, 2 * height!, 2 * width!]));
};

describe('enlarging in tiles', () => {
  it('shows no seam where tiles see as far as the network does, whatever the sizes', async () => {
    await fc.assert(fc.asyncProperty(fc.integer({ min: 3, max: 31 }), fc.integer({ min: 3, max: 31 }), fc.integer({ min: 2, max: 9 }), async (width, height, half) => {
      const image = picture(width, height);
      const options = { factor: 2, multiple: 2 };
      const whole = await enlargePicture(image, smoothing(2), options);
      const tiled = await enlargePicture(image, smoothing(2), { ...options, tile: 2 * half, padding: 2 });
      assert.deepEqual(tiled, whole);
      assert.deepEqual([whole.width, whole.height], [2 * width, 2 * height]);
    }), { numRuns: 40 });
  });

  it('no tile is larger than the tile and its surroundings, and all of them have even sides', async () => {
    const sizes: number[] = [];
    const seen: EnlargeTile = (tile) => {
      sizes.push(...tile.shape.slice(2));
      return smoothing(0)(tile);
    };
    await enlargePicture(picture(101, 67), seen, { factor: 2, multiple: 2, tile: 24, padding: 10 });
    assert.ok(sizes.every((side) => side <= 44 && side % 2 === 0));
    assert.equal(sizes.length / 2, 5 * 3);
  });

  it('stops between two tiles', async () => {
    const controller = new AbortController();
    let tiles = 0;
    const work = enlargePicture(picture(40, 40), (tile) => smoothing(0)(tile), {
      factor: 2, multiple: 2, tile: 10, signal: controller.signal,
      onTile: () => {
        if (++tiles === 3) controller.abort(new Error('stopped'));
      },
    });
    await assert.rejects(work, /stopped/);
    assert.equal(tiles, 3);
  });

  it('values beyond the range are clipped', async () => {
    const { data } = await enlargePicture(picture(4, 4), async (tile) => {
      const { data: values, shape } = await smoothing(0)(tile);
      return tensor(values.map((value, i) => (i % 2 === 0 ? value + 5 : value - 5)), shape);
    }, { factor: 2, multiple: 2 });
    assert.deepEqual(new Set(data), new Set([0, 255]));
  });
});

describe('resampling pictures', () => {
  it('small pictures get a shorter side of 512 px, others stay what they are', () => {
    const { image, factor } = enlargeSmall(picture(300, 260));
    assert.deepEqual([image.height, image.width], [512, Math.round((300 * 512) / 260)]);
    assert.equal(factor, 512 / 260);
    const large = picture(600, 512);
    assert.equal(enlargeSmall(large).image, large);
  });

  it('16 bit are resampled to the same colours as 8 bit, and one colour stays that colour', () => {
    const image = picture(37, 23);
    const eight = resizeLinear(image, 80, 51);
    const sixteen = resizeSamples(Uint16Array.from(image.data, (value) => value * 257), 3, image, 80, 51);
    for (const [i, value] of eight.data.entries()) assert.ok(Math.abs(sixteen[i]! / 257 - value) <= 1.01);
    assert.deepEqual(new Set(resizeSamples(new Uint8Array(6 * 4).fill(77), 1, { width: 6, height: 4 }, 15, 9)), new Set([77]));
  });
});
