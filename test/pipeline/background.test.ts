import { strict as assert } from 'node:assert';
import { join } from 'node:path';
import { describe, it } from 'mocha';
import sharp from 'sharp';
import { KernelFailure } from '../../kernel/failure.ts';
import { enlargePicture } from '../../kernel/faces/enlarge.ts';
import { readPicture } from '../../kernel/media/image.ts';
import { backgroundOf, type BackgroundOptions } from '../../kernel/pipeline/background.ts';
import type { Pasting } from '../../kernel/pipeline/pasting.ts';
import { planOf } from '../../kernel/pipeline/plan.ts';
import { checkRequest } from '../../kernel/pipeline/request.ts';
import { tensor } from '../../kernel/tensor/tensor.ts';
import { inFolder } from '../cli/command.ts';

/** Repeats pixels, one level brighter, so that its work can be told from resampling. */
const engine: BackgroundOptions['engine'] = {
  enlarge: (image, signal, onTile) => enlargePicture(image, ({ data, shape: [, , height, width] }) => {
    const out = Float32Array.from({ length: 4 * data.length }, (_, i) => {
      const [plane, y, x] = [Math.floor(i / (4 * height! * width!)), Math.floor(i / (2 * width!)) % (2 * height!), i % (2 * width!)];
      return data[(plane * height! + (y >> 1)) * width! + (x >> 1)]! + 1 / 255;
    });
    return Promise.resolve(tensor(out, [1, 3, 2 * height!, 2 * width!]));
  }, { factor: 2, multiple: 2, signal, onTile }),
};

function options(pasting: Partial<Pasting>): BackgroundOptions {
  return { engine, pasting: { mask: 'oval', matchColours: false, upscale: 1, background: 'plain', ...pasting }, signal: new AbortController().signal, onProgress: () => undefined };
}

async function photo(folder: string, width: number, height: number, depth: 'uchar' | 'ushort'): Promise<string> {
  const path = join(folder, `${width}x${height}-${depth}.png`);
  const values = Uint8Array.from({ length: 4 * width * height }, (_, i) => (i % 4 === 3 ? 255 - (i % 200) : (i * 31) % 240));
  const image = sharp(values, { raw: { width, height, channels: 4 } });
  await (depth === 'ushort' ? image.toColourspace('rgb16') : image).png().toFile(path);
  return path;
}

describe('what stands behind the faces', () => {
  it('is the picture itself, sample by sample, and a copy of it', () => inFolder(async (folder) => {
    const picture = await readPicture(await photo(folder, 40, 30, 'uchar'));
    const { picture: { image, alpha }, view, factor } = await backgroundOf(picture, options({}));
    assert.deepEqual(image, picture.image);
    assert.notEqual(image.data, picture.image.data);
    assert.equal(alpha, picture.alpha);
    assert.equal(view, picture.view);
    assert.equal(factor, 1);
  }));

  for (const depth of ['uchar', 'ushort'] as const) {
    for (const background of ['plain', 'realesrgan'] as const) {
      it(`is twice as large, with depth and transparency kept (${depth}, ${background})`, () => inFolder(async (folder) => {
        const picture = await readPicture(await photo(folder, 520, 514, depth));
        const { picture: { image, alpha }, notes } = await backgroundOf(picture, options({ upscale: 2, background }));
        assert.deepEqual([image.width, image.height, image.data.length, alpha!.length], [1040, 1028, 3 * 1040 * 1028, 1040 * 1028]);
        assert.equal(image.data.constructor, picture.image.data.constructor);
        assert.equal(alpha!.constructor, picture.alpha!.constructor);
        assert.deepEqual(notes, []);
        const mean = (data: ArrayLike<number>): number => Array.from(data).reduce((sum, value) => sum + value, 0) / data.length;
        const level = depth === 'ushort' ? 257 : 1;
        assert.ok(Math.abs(mean(image.data) - mean(picture.image.data) - (background === 'realesrgan' ? level : 0)) < 0.3 * level);
        assert.ok(Math.abs(mean(alpha!) - mean(picture.alpha!)) < 0.5 * level);
      }));
    }
  }

  it('of a small picture is twice of 512 px, and it is said', () => inFolder(async (folder) => {
    const { picture: { image }, view, factor, notes } = await backgroundOf(await readPicture(await photo(folder, 320, 256, 'uchar')), options({ upscale: 2 }));
    assert.deepEqual([image.width, image.height, view.width, view.height, factor], [1280, 1024, 640, 512, 2]);
    assert.match(notes.join(), /640x512/);
  }));

  it('rebuilt in the size of the picture has that size', () => inFolder(async (folder) => {
    const { picture: { image }, factor } = await backgroundOf(await readPicture(await photo(folder, 41, 33, 'uchar')), options({ background: 'realesrgan' }));
    assert.deepEqual([image.width, image.height, factor], [41, 33, 1]);
  }));

  it('that would be too large is refused before anything is computed', () => inFolder(async (folder) => {
    const picture = await readPicture(await photo(folder, 40, 30, 'uchar'));
    const huge = { ...picture, view: { width: 20_000, height: 5000, data: picture.view.data } };
    await assert.rejects(backgroundOf(huge, options({ upscale: 2 })), (error) => error instanceof KernelFailure && error.kind === 'usage' && /40000x10000/.test(error.message));
  }));
});

describe('options of pasting', () => {
  it('are refused for a picture that is one aligned face', () => {
    for (const wrong of [{ upscale: 2 }, { mask: 'parsing' }, { background: 'realesrgan' }] as const) {
      assert.throws(() => { checkRequest({ aligned: true, ...wrong }); }, (error) => error instanceof KernelFailure && error.kind === 'usage');
    }
    checkRequest({ aligned: true, upscale: 1, matchColours: true });
  });

  it('that name a network which is not installed say what is missing and how it comes', () => inFolder(async (folder) => {
    const before = process.env['DIFFACE_WEIGHTS'];
    process.env['DIFFACE_WEIGHTS'] = folder;
    try {
      for (const [request, file] of [[{ mask: 'parsing' }, 'parsing_parsenet.pth'], [{ upscale: 2, background: 'realesrgan' }, 'RealESRGAN_x2plus.pth']] as const) {
        await assert.rejects(planOf({ model: 'identity', ...request }), (error) => error instanceof KernelFailure && error.kind === 'weights' && error.message.includes(file) && /difface weights install/.test(error.message));
      }
      assert.deepEqual((await planOf({ model: 'identity', upscale: 2 })).pasting, { mask: 'oval', matchColours: false, upscale: 2, background: 'plain' });
    } finally {
      if (before === undefined) delete process.env['DIFFACE_WEIGHTS'];
      else process.env['DIFFACE_WEIGHTS'] = before;
    }
  }));
});
