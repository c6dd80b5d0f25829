import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, renameSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { findProgram } from '../../kernel/media/ffmpeg.ts';

const root = join(import.meta.dirname, '..', '..');

/** Clips to measure with, made once: 60 s of 1080p, and a file of more than 2 GB as a camera writes it (a key frame each second). */
export async function editorClips(): Promise<{ readonly minute: string; readonly large: string }> {
  const folder = join(root, 'out', 'bench');
  mkdirSync(folder, { recursive: true });
  const ffmpeg = await findProgram('ffmpeg');
  const make = (name: string, options: readonly string[]): string => {
    const path = join(folder, name);
    if (existsSync(path)) return path;
    console.log(`making ${name}`);
    const part = join(folder, `part-${name}`);
    execFileSync(ffmpeg, ['-v', 'error', '-y', ...options, part]);
    renameSync(part, path);
    return path;
  };
  const source = join(root, 'samples', 'clip.mp4');
  const minute = make('minute.mp4', ['-stream_loop', '14', '-i', source, '-vf', 'scale=1920:1080,fps=30', '-t', '60', '-c:v', 'libx264', '-preset', 'veryfast', '-crf', '20', '-c:a', 'aac']);
  const piece = make('piece.mp4', ['-stream_loop', '4', '-i', source, '-vf', 'scale=1920:1080,fps=30,noise=alls=30:allf=t', '-t', '20', '-c:v', 'libx264', '-preset', 'ultrafast', '-b:v', '90M', '-minrate', '90M', '-bufsize', '90M', '-g', '30', '-c:a', 'aac']);
  const times = Math.ceil(2.1e9 / statSync(piece).size);
  return { minute, large: make('large.mp4', ['-stream_loop', String(times - 1), '-i', piece, '-c', 'copy']) };
}
