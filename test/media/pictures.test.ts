import { strict as assert } from 'node:assert';
import { chmod, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it } from 'mocha';
import sharp from 'sharp';
import { KernelFailure } from '../../kernel/failure.ts';
import { insertPngProfile } from '../../kernel/media/colourProfile.ts';
import { readPicture, readPictureHeader, writePicture } from '../../kernel/media/image.ts';
import { restoreAligned } from '../../kernel/pipeline/restoreAligned.ts';
import type { FileJob } from '../../kernel/pipeline/restoreImage.ts';
import type { Engine } from '../../kernel/pipeline/engine.ts';
import { difface, inFolder, root } from '../cli/command.ts';

const portrait = join(root, 'samples', 'portrait.png');
/** Rows at the top of the portrait that are far from any face. */
const stripe = 24;

async function displayP3(): Promise<Buffer> {
  const { icc } = await sharp(await sharp({ create: { width: 1, height: 1, channels: 3, background: '#000' } }).withIccProfile('p3').png().toBuffer()).metadata();
  return icc!;
}

/** Samples as they stand in the file, whatever its profile says. */
async function ownSamples(path: string, depth: 'uchar' | 'ushort'): Promise<Uint8Array | Uint16Array> {
  const { data } = await sharp(path, { ignoreIcc: true }).toColourspace(depth === 'ushort' ? 'rgb16' : 'srgb').raw({ depth }).toBuffer({ resolveWithObject: true });
  return depth === 'ushort' ? new Uint16Array(new Uint8Array(data).buffer) : new Uint8Array(data);
}

/** The portrait with a stripe of the purest green, called Display P3, as PNG. */
async function wideGamut(depth: 'uchar' | 'ushort'): Promise<Buffer> {
  const { data, info } = await sharp(portrait).removeAlpha().raw().toBuffer({ resolveWithObject: true });
  for (let i = 0; i < 3 * info.width * stripe; i++) data[i] = i % 3 === 1 ? 255 : 0;
  const raw = { width: info.width, height: info.height, channels: 3 as const };
  const samples = depth === 'ushort' ? sharp(Uint16Array.from(data, (value, i) => value * 257 + (value < 255 ? i % 200 : 0)), { raw }).toColourspace('rgb16') : sharp(data, { raw });
  return insertPngProfile(await samples.png().toBuffer(), await displayP3());
}

/** An engine whose crops come back with every value one level up: nothing needs a network. */
const brighter: Pick<Engine, 'faceSize' | 'restore'> = {
  faceSize: 64,
  restore: (crop) => {
    const restored = { ...crop, data: crop.data.map((value) => Math.min(1, value + 1 / 255)) };
    return Promise.resolve({ restored, estimate: crop, x0: restored });
  },
};

function alignedJob(input: string): FileJob {
  return {
    input, outputStem: input.replace(/\.png$/, '.restored'), engine: brighter as Engine, plan: { model: undefined, method: { kind: 'identity' }, detector: 'builtin', seed: 1, independentNoise: false, branches: [], blend: undefined, pasting: { mask: 'oval', matchColours: false, upscale: 1, background: 'plain' }, numbers: { provider: 'cpu', precision: 'float32' }, earlier: [] },
    faces: 'all', strength: 1, trajectory: false, keepCrops: false, signal: new AbortController().signal, onProgress: () => undefined,
  };
}

describe('pictures', () => {
  for (const depth of ['uchar', 'ushort'] as const) {
    it(`of a wide gamut keep every sample that no face touches (${depth}), and their profile`, () => inFolder(async (folder) => {
      for (const format of ['png', 'tiff'] as const) {
        const source = join(folder, `photo.${format}`);
        const png = await wideGamut(depth);
        await (format === 'png' ? writeFile(source, png) : sharp(png).keepIccProfile().toColourspace(depth === 'ushort' ? 'rgb16' : 'srgb').tiff({ compression: 'lzw' }).toFile(source));
        const { code, stderr } = await difface(['restore', source, '--model', 'identity', '--output', folder]);
        assert.equal(code, 0, stderr);
        const result = join(folder, `photo.restored.${format}`);
        const [was, is] = [await ownSamples(source, depth), await ownSamples(result, depth)];
        const { width, icc, depth: kept } = await sharp(result).metadata();
        assert.equal(kept, depth);
        assert.deepEqual(icc, await displayP3());
        assert.deepEqual(is.subarray(0, 3 * width * stripe), was.subarray(0, 3 * width * stripe), 'the stripe');
        assert.equal(is.length, was.length);
        const [bottom, size] = [was.length - 3 * width * stripe, 3 * width * stripe];
        assert.deepEqual(is.subarray(bottom, bottom + size), was.subarray(bottom, bottom + size), 'the lower edge');
        const level = depth === 'ushort' ? 257 : 1;
        assert.ok(was.every((value, i) => Math.abs(value - is[i]!) <= 6 * level), 'faces the identity gives back are hardly changed');
      }
    }));
  }

  it('of a wide gamut are searched and shown as sRGB', () => inFolder(async (folder) => {
    const path = join(folder, 'photo.png');
    await writeFile(path, await wideGamut('ushort'));
    const { view, image } = await readPicture(path);
    const expected = await sharp(await wideGamut('uchar')).raw().toBuffer();
    assert.ok(image.data instanceof Uint16Array);
    assert.ok(expected.every((value, i) => Math.abs(value - view.data[i]!) <= 3));
  }));

  it('without a profile get none, and keep their resolution', () => inFolder(async (folder) => {
    const path = join(folder, 'deep.png');
    await writeFile(path, await sharp(portrait).removeAlpha().toColourspace('rgb16').withDensity(300).png().toBuffer());
    const picture = await readPicture(path);
    const result = await writePicture(join(folder, 'out.png'), picture.image, picture);
    const { density, icc } = await sharp(result).metadata();
    assert.equal(density, 300);
    assert.equal(icc, undefined);
    assert.deepEqual(await ownSamples(result, 'ushort'), await ownSamples(path, 'ushort'));
  }));

  for (const channels of [3, 4] as const) {
    it(`of 16 bit with ${channels} channels stay so when they are an aligned face`, () => inFolder(async (folder) => {
      const path = join(folder, 'crop.png');
      const samples = Uint16Array.from({ length: channels * 64 * 64 }, (_, i) => (i % 4 === 3 && channels === 4 ? 40_000 : 257 * (60 + (i % 100))));
      await sharp(samples, { raw: { width: 64, height: 64, channels } }).toColourspace('rgb16').png().toFile(path);
      const outcome = await restoreAligned(alignedJob(path));
      assert.equal(outcome.status, 'restored');
      const result = await ownSamples(outcome.output, 'ushort');
      assert.equal((await sharp(outcome.output).metadata()).depth, 'ushort');
      assert.deepEqual(result, samples.map((value, i) => (i % 4 === 3 && channels === 4 ? value : value + 257)));
    }));
  }

  it('of floating point are refused: nobody knows how bright their 1.0 is', () => inFolder(async (folder) => {
    const path = join(folder, 'hdr.tif');
    await writeFile(path, floatTiff(8, 8));
    await assert.rejects(readPicture(path), /hdr\.tif holds float samples.*8 or 16 bit/);
  }));

  it('that this user may not read are named, and nobody is asked to report a bug', async function () {
    if (process.platform === 'win32') this.skip();                       // permissions are others there
    const root = process.getuid?.() === 0;
    await inFolder(async (folder) => {
      const path = join(folder, 'a.png');
      await writeFile(path, 'x', { mode: 0o000 });
      await chmod(folder, 0o755);
      if (root) process.seteuid!(65534);                                 // root may read everything
      try {
        await assert.rejects(readPicture(path), (error) => error instanceof KernelFailure && error.kind === 'input' && error.message.includes(`${path} cannot be read`));
      } finally {
        if (root) process.seteuid!(0);
      }
    });
  });

  it('say in their headers what they are when they are read whole', () => inFolder(async (folder) => {
    const at = (name: string): string => join(folder, name);
    await sharp(portrait).resize(64, 32).withMetadata({ orientation: 6 }).jpeg().toFile(at('turned.jpg'));
    await sharp(portrait).resize(9, 7).webp().toFile(at('a.webp'));
    await writeFile(at('a.bmp'), bitmap(2, -3));
    // OS/2's, of two bytes a side
    await writeFile(at('os2.bmp'), Buffer.concat([Buffer.from('BM'), Buffer.alloc(8), Buffer.from([26, 0, 0, 0, 12, 0, 0, 0, 4, 0, 3, 0, 1, 0, 24, 0])]));
    for (const [name, header] of [['turned.jpg', { format: 'jpeg', width: 32, height: 64 }], ['a.webp', { format: 'webp', width: 9, height: 7 }], ['a.bmp', { format: 'bmp', width: 2, height: 3 }]] as const) {
      const { format, view: { width, height } } = await readPicture(at(name));
      assert.deepEqual([await readPictureHeader(at(name)), { format, width, height }], [header, header], name);
    }
    await assert.rejects(readPicture(at('os2.bmp')), /os2\.bmp is a damaged BMP picture, or of a kind that cannot be read/);
    await writeFile(at('hdr.tif'), floatTiff(8, 8));
    await writeFile(at('short.bmp'), 'BM');
    await writeFile(at('nothing.bmp'), bitmap(0, 3));
    for (const [name, message] of [['hdr.tif', /holds float samples/], ['short.bmp', /short\.bmp is no picture that can be read/], ['nothing.bmp', /damaged BMP picture: its header says 0 x 3 px/]] as const) {
      for (const read of [readPicture, readPictureHeader]) await assert.rejects(read(at(name)), (error) => error instanceof KernelFailure && error.kind === 'input' && message.test(error.message), name);
    }
  }));

  it('whose format is not written say so', () => inFolder(async (folder) => {
    const path = join(folder, 'a.gif');
    await sharp(portrait).resize(64).gif().toFile(path);
    assert.deepEqual((await readPicture(path)).notes, ['GIF is not written here; the result is a PNG']);
  }));
});

/** A black BMP file of 24 bits a pixel; a height below 0 says that the top row comes first. */
function bitmap(width: number, height: number): Buffer {
  const pixels = Buffer.alloc(4 * Math.ceil((3 * width) / 4) * Math.abs(height));
  const head = Buffer.alloc(54);
  head.write('BM', 0, 'latin1');
  for (const [at, value] of [[2, 54 + pixels.length], [10, 54], [14, 40], [18, width], [22, height], [34, pixels.length]] as const) head.writeInt32LE(value, at);
  head.writeUInt16LE(1, 26);
  head.writeUInt16LE(24, 28);
  return Buffer.concat([head, pixels]);
}

/** A TIFF file of one strip of grey 32-bit floating point samples (TIFF 6.0). */
function floatTiff(width: number, height: number): Buffer {
  const entries: readonly (readonly [tag: number, type: 3 | 4, value: number])[] = [
    [256, 4, width], [257, 4, height], [258, 3, 32], [259, 3, 1], [262, 3, 1], [273, 4, 8], [277, 3, 1], [278, 4, height], [279, 4, 4 * width * height], [339, 3, 3],
  ];
  const pixels = Buffer.from(new Float32Array(width * height).fill(0.5).buffer);
  const head = Buffer.alloc(8);
  head.write('II*\0', 0, 'latin1');
  head.writeUInt32LE(8 + pixels.length, 4);
  const directory = Buffer.alloc(2 + 12 * entries.length + 4);
  directory.writeUInt16LE(entries.length, 0);
  for (const [i, [tag, type, value]] of entries.entries()) {
    directory.writeUInt16LE(tag, 2 + 12 * i);
    directory.writeUInt16LE(type, 4 + 12 * i);
    directory.writeUInt32LE(1, 6 + 12 * i);
    directory.writeUInt32LE(value, 10 + 12 * i);
  }
  return Buffer.concat([head, pixels, directory]);
}
