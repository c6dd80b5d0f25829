/**
 * What a 1080p clip costs in memory, by its length: passes it through with detection and the identity model, and watches the memory of all
 * processes. `npx tsx test/bench/clipMemory.ts [seconds...]` (Linux; default 15 and 60)
 */
import { spawn, execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findProgram } from '../../kernel/media/ffmpeg.ts';

const root = join(import.meta.dirname, '..', '..');

/** Proportional memory (shared pages counted once) of a process and all below it, in MiB. */
function memoryOf(pid: number): number {
  const parents = new Map<number, number>();
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    const parent = /\) \S (\d+)/.exec(readQuietly(`/proc/${name}/stat`))?.[1];
    if (parent !== undefined) parents.set(Number(name), Number(parent));
  }
  let kibibytes = 0;
  for (const child of parents.keys()) {
    let at: number | undefined = child;
    while (at !== undefined && at !== pid) at = parents.get(at);
    if (at === pid) kibibytes += Number(/^Pss:\s+(\d+)/m.exec(readQuietly(`/proc/${child}/smaps_rollup`))?.[1] ?? 0);
  }
  return kibibytes / 1024;
}

function readQuietly(path: string): string {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return '';                                                          // the process has ended
  }
}

interface Shape {
  readonly frames: number;
  readonly duration: string;
  readonly sound: number;
}

async function shapeOf(path: string): Promise<Shape> {
  const answer = JSON.parse(execFileSync(await findProgram('ffprobe'), ['-v', 'error', '-of', 'json', '-count_packets', '-show_streams', '-show_format', path], { encoding: 'utf8', maxBuffer: 1 << 26 })) as {
    streams: readonly { codec_type: string; nb_read_packets: string }[];
    format: { duration: string };
  };
  const packets = (type: string): number => Number(answer.streams.find(({ codec_type }) => codec_type === type)?.nb_read_packets ?? 0);
  return { frames: packets('video'), duration: answer.format.duration, sound: packets('audio') };
}

async function main(lengths: readonly number[]): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'difface-memory-'));
  try {
    for (const seconds of lengths) {
      const source = join(folder, `${seconds}.mp4`);
      execFileSync(await findProgram('ffmpeg'), ['-v', 'error', '-y', '-stream_loop', '-1', '-i', join(root, 'samples', 'clip.mp4'), '-t', String(seconds), '-vf', 'scale=1920:1080', '-c:v', 'libx264', '-preset', 'ultrafast', '-c:a', 'aac', source]);
      const began = performance.now();
      const child = spawn(process.execPath, [join(root, 'dist', 'cli.cjs'), 'restore', source, '--model', 'identity'], { stdio: ['ignore', 'ignore', 'inherit'] });
      let peak = 0;
      const watch = setInterval(() => {
        peak = Math.max(peak, memoryOf(child.pid!));
      }, 250);
      const code = await new Promise((resolve) => child.on('close', resolve));
      clearInterval(watch);
      if (code !== 0) throw new Error(`exit code ${String(code)}`);
      const [was, is] = [await shapeOf(source), await shapeOf(join(folder, `${seconds}.restored.mp4`))];
      console.log(`1080p, ${seconds} s: peak ${peak.toFixed(0)} MiB in ${((performance.now() - began) / 1000).toFixed(0)} s; source ${JSON.stringify(was)}, result ${JSON.stringify(is)}`);
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const lengths = process.argv.slice(2).map(Number);
await main(lengths.length > 0 ? lengths : [15, 60]);
