import { strict as assert } from 'node:assert';
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, it } from 'mocha';
import { decodeFrames } from '../../kernel/media/decode.ts';
import { findProgram } from '../../kernel/media/ffmpeg.ts';
import { probeClip } from '../../kernel/media/probe.ts';
import { framesFrom } from '../../kernel/media/seek.ts';
import type { KernelFailure } from '../../kernel/failure.ts';
import { inFolder, root } from '../cli/command.ts';

const run = promisify(execFile);
const clip = join(root, 'samples', 'clip.mp4');
const { signal } = new AbortController();
const digest = (data: Uint8Array): string => createHash('sha256').update(data).digest('hex');

const short = ['-t', '1.2', '-i', clip, '-an', '-vf', 'scale=160:-2'];
const h264 = ['-c:v', 'libx264', '-preset', 'veryfast', '-g', '8'];

async function make(path: string, args: readonly string[]): Promise<void> {
  await run(await findProgram('ffmpeg'), ['-v', 'error', '-y', ...args, path]);
}

describe('decoding a clip', () => {
  it('gives the last frames too, however slowly they are taken', () => inFolder(async (folder) => {
    const path = join(folder, 'small.mp4');
    await make(path, [...short, ...h264]);
    const info = await probeClip(path);
    let count = 0;
    for await (const { index } of decodeFrames(info, signal)) {
      assert.equal(index, count++);
      await new Promise((resolve) => setTimeout(resolve, 15));           // ffmpeg is done long before
    }
    assert.equal(count, info.timestamps.length);
  }));
});

describe('seeking in a clip', () => {
  const cases: readonly (readonly [what: string, name: string, make: (path: string, folder: string) => Promise<void>])[] = [
    ['a variable frame rate in Matroska', 'vfr.mkv', (path) => make(path, ['-t', '1.6', '-i', clip, '-an', '-vf', "scale=160:-2,select='lt(mod(n,7),3)+eq(mod(n,7),6)'", '-vsync', 'vfr', ...h264])],
    // without a frame that is shown twice to fill the wait
    ['B-frames in an MP4 that begins late', 'late.mp4', (path) => make(path, ['-itsoffset', '0.7', '-t', '2', ...short.slice(2), '-vsync', 'vfr', ...h264, '-bf', '3'])],
    ['a rotated clip', 'turned.mp4', async (path, folder) => {
      await make(join(folder, 'lying.mp4'), [...short.slice(0, -1), 'scale=160:-2,transpose=1', ...h264, '-bf', '2']);
      await make(path, ['-i', join(folder, 'lying.mp4'), '-c', 'copy', '-metadata:s:v:0', 'rotate=90']);
    }],
    ['an MPEG transport stream, which begins at 1.4 s', 'cast.ts', (path) => make(path, [...short, ...h264, '-bf', '2'])],
  ];
  for (const [what, name, prepare] of cases) {
    it(`reaches every frame of ${what}`, async function () {
      await inFolder(async (folder) => {
        const path = join(folder, name);
        await prepare(path, folder);
        const info = await probeClip(path).catch((error: unknown) => {
          if (/ffprobe itself crashed/.test((error as KernelFailure).message)) return this.skip();   // the development packages' old one does on .ts
          throw error;
        });
        const expected: string[] = [];
        for await (const { data } of decodeFrames(info, signal)) expected.push(digest(data));
        assert.ok(expected.length > 10 && new Set(expected).size === expected.length);
        for (const [index, ticks] of info.timestamps.entries()) {
          for await (const frame of framesFrom(info, ticks, { signal })) {
            if (frame.ticks < ticks) continue;                           // shown shortly before, which is allowed
            assert.equal(frame.ticks, ticks, `frame ${index}`);
            assert.equal(digest(frame.data), expected[index], `frame ${index}`);
            break;
          }
        }
        const all: (readonly [number, string])[] = [];
        for await (const { ticks, data } of framesFrom(info, info.timestamps[0]!, { signal })) all.push([ticks, digest(data)]);
        assert.deepEqual(all, info.timestamps.map((ticks, i) => [ticks, expected[i]]));
      });
    });
  }
});
