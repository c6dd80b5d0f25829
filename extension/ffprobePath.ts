import { basename, dirname, extname, join } from 'node:path';

/**
 * The ffprobe that belongs to an ffmpeg: beside it and named like it (`ffprobe-6.1`, `ffprobe.exe`), or plainly `ffprobe` where that is not there.
 * @param exists whether there is a file at a path
 */
export function ffprobeBeside(ffmpeg: string, exists: (path: string) => boolean): string {
  const name = basename(ffmpeg);
  const plain = join(dirname(ffmpeg), `ffprobe${extname(name).toLowerCase() === '.exe' ? extname(name) : ''}`);
  const alike = join(dirname(ffmpeg), name.replace(/ffmpeg/i, 'ffprobe'));
  return alike === join(dirname(ffmpeg), name) || (!exists(alike) && exists(plain)) ? plain : alike;
}
