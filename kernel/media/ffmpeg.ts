import { execFile } from 'node:child_process';
import { createRequire } from 'node:module';
import { once } from 'node:events';
import { PassThrough, type Readable, type Writable } from 'node:stream';
import { promisify } from 'node:util';
import ffmpeg from 'fluent-ffmpeg';
import { KernelFailure } from '../failure.ts';

/** The only module that knows fluent-ffmpeg and where the two programs lie. */

const run = promisify(execFile);

export type Program = 'ffmpeg' | 'ffprobe';

const found = new Map<string, Promise<string>>();

/**
 * Path of ffmpeg or ffprobe: `DIFFACE_FFMPEG`/`DIFFACE_FFPROBE`, then the one on the PATH, then (in a checkout) the one of the development packages.
 * @throws KernelFailure('dependency') saying what to install
 */
export function findProgram(program: Program): Promise<string> {
  const wish = process.env[`DIFFACE_${program.toUpperCase()}`];
  const key = `${program} ${wish ?? ''} ${process.env['PATH'] ?? ''}`;
  let path = found.get(key);
  if (!path) {
    path = search(program, wish);
    found.set(key, path);
    path.catch(() => found.delete(key));
  }
  return path;
}

async function search(program: Program, wish: string | undefined): Promise<string> {
  if (wish !== undefined && wish !== '') {
    if (await runs(wish)) return wish;
    throw new KernelFailure('dependency', `DIFFACE_${program.toUpperCase()} names ${wish}, which does not run; correct it or unset it`);
  }
  if (await runs(program)) return program;
  try {
    const bundled = createRequire(import.meta.url)(`@${program}-installer/${program}`) as { path: string };
    if (await runs(bundled.path)) return bundled.path;
  } catch {
    // an installed extension has no development packages
  }
  throw new KernelFailure('dependency', `${program} is needed for video clips and was not found; install ffmpeg (Debian and Ubuntu: apt install ffmpeg; macOS: brew install ffmpeg; Windows: winget install ffmpeg) or set DIFFACE_${program.toUpperCase()} to its path`);
}

async function runs(path: string): Promise<boolean> {
  try {
    await run(path, ['-version']);
    return true;
  } catch {
    return false;
  }
}

const versions = new Map<string, Promise<string>>();

/** What a program says of its version, asked once. */
function versionOf(program: string): Promise<string> {
  const version = versions.get(program) ?? run(program, ['-version']).then(({ stdout }) => stdout);
  versions.set(program, version);
  return version;
}

/** What ffmpeg or ffprobe calls itself, such as `version 5.1.6`. */
export async function programVersion(program: Program): Promise<string> {
  const said = await versionOf(await findProgram(program)).catch(() => '');
  return /version \S+/.exec(said)?.[0] ?? 'of unknown version';
}

/** Name of the option that neither drops nor doubles frames: ffmpeg 5.1 renamed it. */
export async function passthroughOption(): Promise<string> {
  const stdout = await versionOf(await findProgram('ffmpeg'));
  const version = /^ffmpeg version n?(\d+)\.(\d+)/.exec(stdout);
  return version && (Number(version[1]) > 5 || (Number(version[1]) === 5 && Number(version[2]) >= 1)) ? '-fps_mode' : '-vsync';
}

/** Whether this ffmpeg can encode with the named encoder. */
export async function hasEncoder(name: string): Promise<boolean> {
  const { stdout } = await run(await findProgram('ffmpeg'), ['-hide_banner', '-encoders'], { maxBuffer: 1 << 24 });
  return new RegExp(`^ V\\S* ${name} `, 'm').test(stdout);
}

/** ffmpeg did not fail: somebody else ended it, and what it said before is not why. */
export class ProgramEnded extends Error {}

/** A running ffmpeg. `finished` settles when it has ended: rejected with what it said when it failed or was killed. */
export interface Running {
  readonly finished: Promise<void>;
  kill(): void;
}

/**
 * Decodes `path` and hands what it writes on standard output to a stream with back pressure.
 * @param onLog takes each line it says of what it does; without it only warnings are said, and kept for the failure
 */
export async function startReading(path: string, inputOptions: readonly string[], outputOptions: readonly string[], onLog?: (line: string) => void): Promise<Running & { readonly output: Readable }> {
  // The program may outlive its standard output for a moment; a stream that closes itself then would count as a failure.
  const output = new PassThrough({ autoDestroy: false, emitClose: false });
  const command = ffmpeg({ stdoutLines: 50 }).setFfmpegPath(await findProgram('ffmpeg')).input(`file:${path}`)
    .inputOptions([...(onLog ? told : quiet), '-nostdin', '-protocol_whitelist', 'file,pipe', ...inputOptions]).outputOptions([...outputOptions]).output(output);
  if (onLog) command.on('stderr', onLog);
  const running = start(command);
  // Standard output ends the stream, not the program: what lies in the pipe when the program ends is still to be read.
  running.finished.catch((error: unknown) => output.destroy(error as Error));
  return { ...running, output };
}

/** Starts an encoder that is fed through a stream; `write` waits while the encoder is behind. */
export async function startWriting(format: string, inputOptions: readonly string[], otherInputs: readonly string[], outputOptions: readonly string[], target: string): Promise<Running & { write(bytes: Uint8Array): Promise<void>; end(): void }> {
  const input = new PassThrough();
  const command = ffmpeg({ stdoutLines: 50 }).setFfmpegPath(await findProgram('ffmpeg')).input(input).inputFormat(format).inputOptions([...quiet, ...inputOptions]);
  for (const other of otherInputs) command.input(`file:${other}`).inputOptions(['-protocol_whitelist', 'file,pipe']);
  const running = start(command.outputOptions(['-y', ...outputOptions]).output(`file:${target}`));
  running.finished.catch(() => input.destroy());
  return {
    ...running,
    write: (bytes) => writeTo(input, bytes, running.finished),
    end: () => input.end(),
  };
}

/** Converts `path` into `target`, which is overwritten. */
export async function startConverting(path: string, inputOptions: readonly string[], outputOptions: readonly string[], target: string): Promise<Running> {
  return start(ffmpeg({ stdoutLines: 50 }).setFfmpegPath(await findProgram('ffmpeg')).input(`file:${path}`)
    .inputOptions([...quiet, '-nostdin', '-protocol_whitelist', 'file,pipe', ...inputOptions]).outputOptions(['-y', ...outputOptions]).output(`file:${target}`));
}

async function writeTo(stream: Writable, bytes: Uint8Array, finished: Promise<void>): Promise<void> {
  if (stream.destroyed) return finished;
  // An input is never told that the program died: wait for whichever comes first.
  if (!stream.write(bytes)) await Promise.race([once(stream, 'drain'), finished.then(() => undefined)]);
}

/** Without the encoders' statistics: what is said is why something failed. */
const quiet = ['-hide_banner', '-loglevel', 'warning'];
const told = ['-hide_banner', '-nostats', '-loglevel', 'info'];

function start(command: ffmpeg.FfmpegCommand): Running {
  const finished = new Promise<void>((resolve, reject) => {
    command.on('end', () => {
      resolve();
    });
    command.on('error', (error: Error, _stdout: string | null, stderr: string | null) => {
      const signal = /killed with signal (\w+)/.exec(error.message)?.[1];
      if (signal !== undefined) {
        reject(new ProgramEnded(`ffmpeg was ended by ${signal}${signal === 'SIGKILL' ? ' (too little memory?)' : ''}`, { cause: error }));
        return;
      }
      const lines = (stderr ?? '').trim().split('\n').filter((line) => line !== '' && !line.startsWith('frame='));
      const said = (lines.filter((line) => /no space left|permission denied|read-only/i.test(line)).slice(0, 1).concat(lines.slice(-3))).join('; ');
      reject(new Error(said === '' ? error.message : said, { cause: error }));
    });
  });
  finished.catch(() => undefined);
  let started = false;
  let unwanted = false;
  // the program starts a moment later: what is not wanted by then is ended as soon as it runs
  command.on('start', () => {
    started = true;
    if (unwanted) command.kill('SIGKILL');
  });
  command.run();
  return {
    finished,
    kill: () => {
      unwanted = true;
      if (started) command.kill('SIGKILL');
    },
  };
}
