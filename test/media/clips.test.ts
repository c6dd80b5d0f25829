import { strict as assert } from 'node:assert';
import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, it } from 'mocha';
import { findProgram } from '../../kernel/media/ffmpeg.ts';
import { assertClear, difface, filesBelow, inFolder, root } from '../cli/command.ts';

const run = promisify(execFile);
const clip = join(root, 'samples', 'clip.mp4');

interface Probed {
  readonly streams: readonly { readonly codec_type: string; readonly codec_name: string; readonly width?: number; readonly height?: number; readonly color_space?: string; readonly pix_fmt?: string; readonly duration?: string }[];
  readonly packets: readonly { readonly codec_type: string; readonly stream_index: number; readonly pts_time?: string; readonly dts_time?: string; readonly size: string; readonly flags: string }[];
  readonly format: { readonly duration: string };
}

async function probe(path: string): Promise<Probed> {
  const { stdout } = await run(await findProgram('ffprobe'), ['-v', 'error', '-of', 'json', '-show_streams', '-show_packets', '-show_format', path], { maxBuffer: 1 << 28 });
  return JSON.parse(stdout) as Probed;
}

/** Presentation times in seconds, ascending, of the frames that are shown: a cut without encoding leaves some that are not. */
function frameTimes({ streams, packets }: Probed): readonly number[] {
  const first = streams.findIndex(({ codec_type }) => codec_type === 'video');
  return packets.filter(({ stream_index, flags }) => stream_index === first && !flags.includes('D')).map(({ pts_time, dts_time }) => Number(pts_time ?? dts_time)).sort((a, b) => a - b);
}

function audioPackets({ packets }: Probed): readonly string[] {
  return packets.filter(({ codec_type }) => codec_type === 'audio').map(({ pts_time, size }) => `${pts_time ?? ''} ${size}`);
}

/** Makes a clip with ffmpeg, passes it through with the identity model, and compares what must stay. */
async function passesThrough(name: string, args: readonly string[], check: (source: Probed, result: Probed, notes: readonly string[]) => void = () => undefined, tolerance = 0.001): Promise<void> {
  await inFolder(async (folder) => {
    const source = join(folder, name);
    await run(await findProgram('ffmpeg'), ['-v', 'error', '-y', ...args, source]);
    const { code, stdout, stderr } = await difface(['restore', source, '--model', 'identity', '--json']);
    assert.equal(code, 0, stderr + stdout);
    const [result] = (JSON.parse(stdout) as { results: { status: string; output: string; notes: readonly string[] }[] }).results;
    assert.equal(result!.status, 'restored');
    assert.equal((await filesBelow(folder)).length, 3);                     // source, result, and the recipe beside it
    const [was, is] = [await probe(source), await probe(result!.output)];
    const [before, after] = [frameTimes(was), frameTimes(is)];
    assert.equal(after.length, before.length);
    for (const [i, time] of before.entries()) assert.ok(Math.abs(after[i]! - time) < 0.0015, `frame ${i} at ${after[i]!} instead of ${time}`);
    assert.deepEqual(audioPackets(is), audioPackets(was));
    assert.ok(Math.abs(Number(is.format.duration) - Number(was.format.duration)) < tolerance, `${is.format.duration} instead of ${was.format.duration} s`);
    check(was, is, result!.notes);
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

  it('a clip that begins late', () => passesThrough('late.mp4', ['-itsoffset', '0.7', '-t', '1.5', '-i', clip, '-an', '-vf', 'scale=320:-2', '-vsync', 'vfr', '-c:v', 'libx264', '-bf', '2'], (was) => {
    assert.ok(frameTimes(was)[0]! > 0.5);
  }));

  for (const [name, delay] of [['sound.mp4', '0.3333'], ['sound.mov', '0.7']] as const) {
    it(`${name}: sound that begins late and lasts longest`, () => passesThrough(name, ['-t', '1', '-i', clip, '-itsoffset', delay, '-f', 'lavfi', '-t', '1.51', '-i', 'sine=r=44100', '-map', '0:v', '-map', '1:a', '-c:v', 'copy', '-c:a', 'aac'], (was, is) => {
      const [before, after] = [was, is].map(({ streams }) => Number(streams.find(({ codec_type: type }) => type === 'audio')?.duration));
      assert.ok(Math.abs(after! - before!) < 0.0001, `${after} instead of ${before} s`);
    }));
  }

  it('WebM', () => passesThrough('a.webm', [...short, '-an', '-vf', 'scale=320:-2', '-c:v', 'libvpx-vp9', '-deadline', 'realtime', '-cpu-used', '8'], (_was, is) => {
    assert.equal(video(is).codec_name, 'vp9');
  }));

  // they keep one time for a frame, at which it is decoded and shown; where the last one ends, their headers do not agree on
  for (const [name, codecs] of [['old.flv', ['-c:v', 'flv1', '-c:a', 'libmp3lame', '-ar', '44100']], ['old.wmv', ['-c:v', 'wmv2', '-c:a', 'wmav2']], ['old.avi', ['-c:v', 'mpeg4', '-c:a', 'libmp3lame']]] as const) {
    it(`${name}: every frame has its time`, () => passesThrough(name, ['-t', '0.5', '-i', clip, '-vf', 'scale=320:-2', ...codecs], (was, is) => {
      assert.ok(frameTimes(was).every(Number.isFinite) && frameTimes(is).every(Number.isFinite));
    }, 0.12));
  }

  it('a frame rate whose frames are no whole milliseconds', () => passesThrough('thirds.mp4', [...short, '-an', '-vf', 'setpts=N/24000*1001/TB,scale=320:-2', '-r', '24000/1001', '-c:v', 'libx264', '-bf', '2'], (was, is) => {
    assert.ok(Math.abs(Number(video(is).duration) - Number(video(was).duration)) < 0.0001, `${video(is).duration ?? ''} instead of ${video(was).duration ?? ''}`);
  }));

  for (const [name, codec, args, format] of [
    ['rgb.mkv', 'h264', ['-c:v', 'libx264rgb', '-qp', '0'], 'gbrp'],
    ['screen.mov', 'png', ['-c:v', 'png', '-pix_fmt', 'rgb24'], 'rgb24'],
    ['master.mkv', 'ffv1', ['-c:v', 'ffv1', '-pix_fmt', 'bgr0'], 'bgr0'],
    ['full.mkv', 'h264', ['-c:v', 'libx264', '-pix_fmt', 'yuv444p'], 'yuv444p'],
    ['half.mkv', 'ffv1', ['-c:v', 'ffv1', '-pix_fmt', 'yuv422p'], 'yuv422p'],
  ] as const) {
    it(`${name}: colours stored as ${format} stay so, and nothing needs to be said`, () => passesThrough(name, ['-t', '0.2', '-i', clip, '-an', '-vf', 'scale=320:-2', ...args], (_was, is, notes) => {
      assert.deepEqual([video(is).codec_name, video(is).pix_fmt], [codec, format]);
      assert.deepEqual(notes, []);
    }));
  }

  it('RGB in a codec that is not written: 4:4:4, and said', () => passesThrough('old.mov', ['-t', '0.2', '-i', clip, '-an', '-vf', 'scale=320:-2', '-c:v', 'qtrle'], (_was, is, notes) => {
    assert.deepEqual([video(is).codec_name, video(is).pix_fmt], ['h264', 'yuv444p']);
    assert.equal(notes.length, 2);
    assert.match(notes.join('; '), /qtrle.*H\.264 was used; its colours \(RGB\) are written as 4:4:4/);
  }));

  it('10 bits a colour become 8, and it is said', () => passesThrough('deep.mkv', ['-t', '0.2', '-i', clip, '-an', '-vf', 'scale=320:-2', '-c:v', 'ffv1', '-pix_fmt', 'yuv422p10le'], (_was, is, notes) => {
    assert.equal(video(is).pix_fmt, 'yuv422p');
    assert.deepEqual(notes, ['its 10 bits a colour were reduced to 8']);
  }));

  it('a cover picture is left out, and it is said', () => passesThrough('song.mp4', ['-t', '0.2', '-i', clip, '-i', join(root, 'samples', 'portrait.png'), '-map', '0:v', '-map', '1:v', '-c:v:0', 'copy', '-c:v:1', 'mjpeg', '-pix_fmt:v:1', 'yuvj420p', '-disposition:v:1', 'attached_pic'], (_was, is, notes) => {
    assert.equal(is.streams.filter(({ codec_type }) => codec_type === 'video').length, 1);
    assert.deepEqual(notes, ['its cover picture is not kept']);
  }));

  // without a duration of its own: ffprobe guesses it from the last packets
  it('an MPEG transport stream', async function () {
    await passesThrough('cast.ts', ['-t', '1', '-i', clip, '-c:v', 'libx264', '-g', '8', '-bf', '2', '-c:a', 'aac'], undefined, 0.03).catch((error: unknown) => {
      if (error instanceof Error && /killed|SIGSEGV|ffprobe itself crashed/.test(error.message)) return this.skip();   // the development packages' old one does on .ts
      throw error;
    });
  });

  it('a codec that the container cannot hold is refused before the faces are looked for', () => inFolder(async (folder) => {
    const source = join(folder, 'a.webm');
    await run(await findProgram('ffmpeg'), ['-v', 'error', '-y', '-t', '0.2', '-i', clip, '-an', '-vf', 'scale=320:-2', '-c:v', 'libvpx', source]);
    const { code, stderr } = await difface(['restore', source, '--model', 'identity', '--codec', 'h264']);
    assert.equal(code, 2);
    assertClear(stderr, source, '.webm file cannot hold h264', 'vp9');
    assert.doesNotMatch(stderr, /looking for faces/);
    assert.deepEqual(await filesBelow(folder), ['a.webm']);
  }));
});
