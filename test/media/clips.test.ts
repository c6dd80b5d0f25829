import { strict as assert } from 'node:assert';
import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, it } from 'mocha';
import { findProgram } from '../../kernel/media/ffmpeg.ts';
import { difface, filesBelow, inFolder, root } from '../cli/command.ts';

const run = promisify(execFile);
const clip = join(root, 'samples', 'clip.mp4');

interface Probed {
  readonly streams: readonly { readonly codec_type: string; readonly codec_name: string; readonly width?: number; readonly height?: number; readonly color_space?: string }[];
  readonly packets: readonly { readonly codec_type: string; readonly pts_time?: string; readonly size: string; readonly flags: string }[];
  readonly format: { readonly duration: string };
}

async function probe(path: string): Promise<Probed> {
  const { stdout } = await run(await findProgram('ffprobe'), ['-v', 'error', '-of', 'json', '-show_streams', '-show_packets', '-show_format', path], { maxBuffer: 1 << 28 });
  return JSON.parse(stdout) as Probed;
}

/** Presentation times in seconds, ascending, of the frames that are shown: a cut without encoding leaves some that are not. */
function frameTimes({ packets }: Probed): readonly number[] {
  return packets.filter(({ codec_type, flags }) => codec_type === 'video' && !flags.includes('D')).map(({ pts_time }) => Number(pts_time)).sort((a, b) => a - b);
}

function audioPackets({ packets }: Probed): readonly string[] {
  return packets.filter(({ codec_type }) => codec_type === 'audio').map(({ pts_time, size }) => `${pts_time ?? ''} ${size}`);
}

/** Makes a clip with ffmpeg, passes it through with the identity model, and compares what must stay. */
async function passesThrough(name: string, args: readonly string[], check: (source: Probed, result: Probed) => void = () => undefined): Promise<void> {
  await inFolder(async (folder) => {
    const source = join(folder, name);
    await run(await findProgram('ffmpeg'), ['-v', 'error', '-y', ...args, source]);
    const { code, stdout, stderr } = await difface(['restore', source, '--model', 'identity', '--json']);
    assert.equal(code, 0, stderr);
    const [result] = (JSON.parse(stdout) as { results: { status: string; output: string; faces: unknown[] }[] }).results;
    assert.equal(result!.status, 'restored');
    assert.equal((await filesBelow(folder)).length, 2);
    const [was, is] = [await probe(source), await probe(result!.output)];
    const [before, after] = [frameTimes(was), frameTimes(is)];
    assert.equal(after.length, before.length);
    for (const [i, time] of before.entries()) assert.ok(Math.abs(after[i]! - time) < 0.0015, `frame ${i} at ${after[i]!} instead of ${time}`);
    assert.deepEqual(audioPackets(is), audioPackets(was));
    assert.ok(Math.abs(Number(is.format.duration) - Number(was.format.duration)) < 0.07, `${is.format.duration} instead of ${was.format.duration} s`);
    check(was, is);
  });
}

describe('clips that pass through', () => {
  const video = (probed: Probed): Probed['streams'][number] => probed.streams.find(({ codec_type }) => codec_type === 'video')!;
  const short = ['-t', '0.8', '-i', clip];

  it('a constant frame rate with sound and colour tags', () => passesThrough('a.mp4', [...short, '-c', 'copy'], (was, is) => {
    assert.equal(video(is).codec_name, 'h264');
    assert.equal(video(is).color_space, video(was).color_space);
    assert.ok(audioPackets(is).length > 10);
  }));

  it('a variable frame rate', () => passesThrough('vfr.mp4', [...short, '-vf', "select='lt(mod(n,7),3)+eq(mod(n,7),6)'", '-vsync', 'vfr', '-c:a', 'copy', '-c:v', 'libx264'], (was) => {
    const gaps = new Set(frameTimes(was).map((time, i, all) => (i > 0 ? Math.round(1000 * (time - all[i - 1]!)) : 0)));  // and 0 for the first
    assert.ok(gaps.size >= 3, 'the source has a variable rate');
  }));

  it('a rotation of 90 degrees: the result is upright', () => inFolder(async (folder) => {
    const upright = join(folder, 'lying.mp4');
    await run(await findProgram('ffmpeg'), ['-v', 'error', '-y', ...short, '-vf', 'transpose=1', '-c:v', 'libx264', '-an', upright]);
    await passesThrough('turned.mp4', ['-i', upright, '-c', 'copy', '-metadata:s:v:0', 'rotate=90'], (was, is) => {
      assert.deepEqual([video(was).width, video(was).height], [360, 640]);
      assert.deepEqual([video(is).width, video(is).height], [640, 360]);
    });
  }));

  it('no sound', () => passesThrough('silent.mp4', [...short, '-c', 'copy', '-an'], (_was, is) => {
    assert.equal(is.streams.length, 1);
  }));

  it('Matroska with two sound tracks and subtitles', () => inFolder(async (folder) => {
    const subtitles = join(folder, 'words.srt');
    await writeFile(subtitles, '1\n00:00:00,100 --> 00:00:00,900\nHello\n');
    await passesThrough('two.mkv', [...short, '-i', subtitles, '-map', '0:v', '-map', '0:a', '-map', '0:a', '-map', '1', '-c', 'copy', '-c:s', 'srt'], (was, is) => {
      assert.deepEqual(is.streams.map(({ codec_type, codec_name }) => [codec_type, codec_name]), was.streams.map(({ codec_type, codec_name }) => [codec_type, codec_name]));
    });
  }));

  it('another codec family stays what it is', () => passesThrough('still.mov', [...short, '-c:v', 'mjpeg', '-q:v', '3', '-an'], (_was, is) => {
    assert.equal(video(is).codec_name, 'mjpeg');
  }));
});
