import { strict as assert } from 'node:assert';
import { linkSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { exportExtensions, isSameFile, withExtension } from '../../extension/exportTarget.ts';
import { ffprobeBeside } from '../../extension/ffprobePath.ts';
import { SettledFile, type FileStamp } from '../../extension/settledFile.ts';

describe('where a result is exported', () => {
  let folder = '';
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'difface-export-'));
  });
  afterEach(() => {
    rmSync(folder, { recursive: true });
  });

  it('a name gets an extension that can be written', () => {
    const jpeg = exportExtensions({ kind: 'picture', format: 'jpeg' }, '/a/photo.JPEG');
    assert.deepEqual([...jpeg].sort(), ['jpeg', 'jpg']);
    assert.equal(withExtension('/a/b.jpg', jpeg), '/a/b.jpg');
    assert.equal(withExtension('/a/b', jpeg), '/a/b.jpeg');
    assert.equal(withExtension('/a/b.webp', jpeg), '/a/b.jpeg');
    assert.equal(withExtension('/a/Mr. Smith', jpeg), '/a/Mr. Smith.jpeg');
    assert.deepEqual(exportExtensions({ kind: 'picture', format: 'heif' }, '/a/photo.heic'), ['png']);
    const clip = exportExtensions({ kind: 'clip' }, '/a/clip.webm');
    assert.equal(withExtension('/a/b.txt', clip), '/a/b.webm');
    assert.equal(withExtension('/a/b.MKV', clip), '/a/b.MKV');
  });

  it('knows a file again by any of its names', async () => {
    const [file, link, hard, other] = ['a', 'link', 'hard', 'other'].map((name) => join(folder, name)) as [string, string, string, string];
    writeFileSync(file, '1');
    writeFileSync(other, '1');
    symlinkSync(file, link);
    linkSync(file, hard);
    assert.deepEqual(await Promise.all([link, hard, other, join(folder, 'none')].map((path) => isSameFile(file, path))), [true, true, false, false]);
  });
});

describe('the ffprobe of an ffmpeg', () => {
  it('lies beside it and is named like it', () => {
    const there = (...paths: readonly string[]) => (path: string): boolean => paths.includes(path);
    assert.equal(ffprobeBeside(join('/opt', 'ffmpeg'), there()), join('/opt', 'ffprobe'));
    assert.equal(ffprobeBeside(join('/opt', 'ffmpeg-6.1'), there()), join('/opt', 'ffprobe-6.1'));
    assert.equal(ffprobeBeside(join('/opt', 'ffmpeg-6.1'), there(join('/opt', 'ffprobe'))), join('/opt', 'ffprobe'));
    assert.equal(ffprobeBeside(join('/ffmpeg', 'ffmpeg.exe'), there()), join('/ffmpeg', 'ffprobe.exe'));
    assert.equal(ffprobeBeside(join('/opt', 'encoder.exe'), there()), join('/opt', 'ffprobe.exe'));
  });
});

describe('a file that is watched', () => {
  const quiet = 20;
  const watched = (start: FileStamp | undefined) => {
    const state = { now: start };
    const told: string[] = [];
    return { state, told, file: new SettledFile(start, () => Promise.resolve(state.now), (what) => told.push(what), quiet) };
  };

  it('is told once it has come to rest, not while it is written', async () => {
    const { state, told, file } = watched({ size: 10, mtime: 1 });
    for (let size = 1; size <= 6; size++) {
      state.now = { size, mtime: 2 };
      file.look();
      await sleep(quiet / 2);
    }
    assert.deepEqual(told, []);
    await sleep(4 * quiet);
    assert.deepEqual(told, ['changed']);
    file.look();
    await sleep(3 * quiet);
    assert.deepEqual(told, ['changed'], 'nothing new is not told');
  });

  it('may be deleted and written anew in one go; one that stays away is gone, and comes back', async () => {
    const stamp = { size: 10, mtime: 1 };
    const { state, told, file } = watched(stamp);
    state.now = undefined;
    file.look();
    await sleep(quiet / 2);
    state.now = stamp;
    await sleep(4 * quiet);
    assert.deepEqual(told, []);
    state.now = undefined;
    file.look();
    await sleep(4 * quiet);
    state.now = stamp;
    file.look();
    await sleep(4 * quiet);
    assert.deepEqual(told, ['deleted', 'changed']);
    state.now = undefined;
    file.look();
    file.dispose();
    await sleep(4 * quiet);
    assert.equal(told.length, 2);
  });
});
