import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { stat } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { KernelFailure, unreadable } from '../failure.ts';
import { findProgram, programVersion } from './ffmpeg.ts';

/** What a clip says of itself before a single packet is read: known at once, however long the clip is. */
export interface ClipStreams {
  readonly path: string;
  /** Number of the video stream in the file. */
  readonly stream: number;
  readonly codec: string;
  readonly pixelFormat: string;
  /** Size of the upright frames in pixels. */
  readonly width: number;
  readonly height: number;
  /** Clockwise rotation that display needs, in degrees; frames are decoded upright. */
  readonly rotation: 0 | 90 | 180 | 270;
  /** Seconds of a tick of the video stream. */
  readonly timeBase: { readonly numerator: number; readonly denominator: number };
  /** Earliest presentation time in the file, in seconds: what seeking counts from. */
  readonly startTime: number;
  /** Whether the container says where its key frames are; without that, seeking may lead behind the frame that is sought (MPEG transport and program streams). */
  readonly indexed: boolean;
  /** Seconds, as the container says; 0 when it does not. */
  readonly duration: number;
  /** Mean frames a second, as the container says. */
  readonly frameRate: number;
  readonly sampleAspectRatio?: string;
  readonly colour: { readonly range?: string; readonly space?: string; readonly primaries?: string; readonly transfer?: string };
  readonly audioStreams: number;
  /** Seconds of each of them; 0 where the container does not say. */
  readonly soundDurations: readonly number[];
  /** How many streams there are that no result has: cover pictures, further videos, data. */
  readonly others: { readonly covers: number; readonly videos: number; readonly data: number };
  /** Seconds of the video stream alone, where the container says so. */
  readonly streamDuration: number;
}

/** A clip and the presentation time of each of its frames. */
export interface ClipInfo extends ClipStreams {
  /** Presentation timestamps in ticks, ascending: one for each frame. */
  readonly timestamps: readonly number[];
  /** Seconds that the last frame is shown. */
  readonly lastFrameDuration: number;
}

interface ProbedStream {
  readonly codec_type?: string;
  readonly codec_name?: string;
  readonly width?: number;
  readonly height?: number;
  readonly pix_fmt?: string;
  readonly time_base?: string;
  readonly avg_frame_rate?: string;
  readonly duration?: string;
  readonly sample_aspect_ratio?: string;
  readonly color_range?: string;
  readonly color_space?: string;
  readonly color_primaries?: string;
  readonly color_transfer?: string;
  readonly tags?: { readonly rotate?: string };
  readonly side_data_list?: readonly { readonly rotation?: number }[];
  readonly disposition?: { readonly attached_pic?: number };
}

/**
 * Reads the header of a clip with ffprobe.
 * @throws KernelFailure('input') for what is no clip or is damaged; ('dependency') without ffprobe
 */
export async function probeStreams(path: string): Promise<ClipStreams> {
  const found = await stat(path).catch((error: unknown) => {
    throw unreadable(path, error);
  });
  if (found.size === 0) throw new KernelFailure('input', `${path} is empty`);
  const said: string[] = [];
  await ffprobe(path, ['-of', 'json', '-show_streams', '-show_format'], (line) => said.push(line));
  const { streams = [], format = {} } = JSON.parse(said.join('\n')) as { streams?: readonly ProbedStream[]; format?: { format_name?: string; start_time?: string; duration?: string } };
  const video = streams.find((stream) => stream.codec_type === 'video' && !isCover(stream));
  if (video?.width === undefined || video.height === undefined) throw new KernelFailure('input', `${path} has no video stream`);
  const [numerator, denominator] = (video.time_base ?? '1/1000').split('/').map(Number) as [number, number];
  const rotation = rotationOf(video);
  const turned = rotation === 90 || rotation === 270;
  const [rateUp, rateDown] = (video.avg_frame_rate ?? '0/0').split('/').map(Number) as [number, number];
  const { color_range: range, color_space: space, color_primaries: primaries, color_transfer: transfer } = video;
  return {
    path, stream: streams.indexOf(video), codec: video.codec_name ?? 'unknown', pixelFormat: video.pix_fmt ?? 'yuv420p', rotation,
    width: turned ? video.height : video.width,
    height: turned ? video.width : video.height,
    timeBase: { numerator, denominator },
    indexed: !/^mpeg/.test(format.format_name ?? ''),
    startTime: finite(format.start_time), duration: finite(format.duration), streamDuration: finite(video.duration),
    frameRate: rateUp > 0 && rateDown > 0 ? rateUp / rateDown : 25,
    ...(video.sample_aspect_ratio !== undefined && !['1:1', '0:1', 'N/A'].includes(video.sample_aspect_ratio) ? { sampleAspectRatio: turned ? video.sample_aspect_ratio.split(':').reverse().join(':') : video.sample_aspect_ratio } : {}),
    colour: { ...known('range', range), ...known('space', space), ...known('primaries', primaries), ...known('transfer', transfer) },
    soundDurations: streams.filter(({ codec_type }) => codec_type === 'audio').map(({ duration }) => finite(duration)),
    audioStreams: streams.filter(({ codec_type }) => codec_type === 'audio').length,
    others: {
      covers: streams.filter(isCover).length,
      videos: streams.filter((stream) => stream.codec_type === 'video' && !isCover(stream)).length - 1,
      data: streams.filter(({ codec_type }) => codec_type === 'data').length,
    },
  };
}

/**
 * Adds the presentation time of every frame, which takes reading the file once.
 * @throws KernelFailure('input') for a clip without frames
 */
export async function indexFrames(clip: ClipStreams): Promise<ClipInfo> {
  const timestamps = await presentationTimes(clip);
  if (timestamps.length === 0) throw new KernelFailure('input', `${clip.path} holds no frames`);
  const { numerator, denominator } = clip.timeBase;
  const span = ((timestamps[timestamps.length - 1]! - timestamps[0]!) * numerator) / denominator;
  const rest = clip.streamDuration - span;
  return { ...clip, timestamps, lastFrameDuration: rest > 0.5 / clip.frameRate ? rest : 1 / clip.frameRate };
}

/**
 * Probes a clip that is to be restored: its streams, and the presentation time of every frame.
 * @throws KernelFailure('input') for what is no clip, is damaged, or is HDR; ('dependency') without ffprobe
 */
export async function probeClip(path: string): Promise<ClipInfo> {
  const clip = await probeStreams(path);
  const { transfer } = clip.colour;
  if (transfer === 'smpte2084' || transfer === 'arib-std-b67') {
    throw new KernelFailure('input', `${path} is HDR (${transfer}), which restoring in 8 bit would spoil; convert it to SDR first`);
  }
  return indexFrames(clip);
}

function isCover({ codec_type, disposition }: ProbedStream): boolean {
  return codec_type === 'video' && disposition?.attached_pic === 1;
}

function finite(text: string | undefined): number {
  const value = Number(text ?? 0);
  return Number.isFinite(value) ? value : 0;
}

function known<K extends string>(key: K, value: string | undefined): { [P in K]?: string } {
  return value === undefined || value === 'unknown' || value === 'reserved' ? {} : ({ [key]: value } as { [P in K]: string });
}

/** The display matrix (newer ffprobe, counter-clockwise) or the rotate tag (older, clockwise). */
function rotationOf({ tags, side_data_list: sideData }: ProbedStream): ClipInfo['rotation'] {
  const matrix = sideData?.find(({ rotation }) => rotation !== undefined)?.rotation;
  const clockwise = matrix === undefined ? Number(tags?.rotate ?? 0) : -matrix;
  return ((((Math.round(clockwise / 90) * 90) % 360) + 360) % 360) as ClipInfo['rotation'];
}

/** Times of all packets that are shown, in display order. Read line by line: only the numbers stay in memory. */
async function presentationTimes({ path, stream }: ClipStreams): Promise<number[]> {
  const times: number[] = [];
  await ffprobe(path, ['-of', 'compact=p=0', '-select_streams', String(stream), '-show_entries', 'packet=pts,dts,flags'], (line) => {
    const field = (name: string): string | undefined => new RegExp(`(?:^|\\|)${name}=([^|]*)`).exec(line)?.[1];
    if (!line.includes('pts=') || field('flags')?.includes('D') === true) return;
    const [pts, dts] = [Number(field('pts')), Number(field('dts'))];
    times.push(Number.isFinite(pts) ? pts : Number.isFinite(dts) ? dts : 0);
  });
  return times.sort((a, b) => a - b);
}

async function ffprobe(path: string, options: readonly string[], onLine: (line: string) => void): Promise<void> {
  const program = await findProgram('ffprobe');
  const child = spawn(program, ['-v', 'error', ...options, '-protocol_whitelist', 'file', `file:${path}`], { stdio: ['ignore', 'pipe', 'pipe'] });
  let said = '';
  child.stderr.on('data', (chunk: Buffer) => {
    said = (said + chunk.toString()).slice(-2000);
  });
  const ended = once(child, 'close') as Promise<[code: number | null, signal: NodeJS.Signals | null]>;
  for await (const line of createInterface({ input: child.stdout })) onLine(line);
  const [code, signal] = await ended;
  if (code === 0) return;
  if (signal !== null) {
    throw new KernelFailure('dependency', `ffprobe itself crashed (${signal}) while it read ${path}; it is ${program}, ${await programVersion('ffprobe')}. Install a newer ffmpeg, on the PATH or named by DIFFACE_FFPROBE`);
  }
  const why = said.trim().split('\n').pop()?.replace(/^.*?file:[^:]*: /, '') ?? '';
  throw new KernelFailure('input', `${path} is no clip that can be read (${why === '' ? 'ffprobe failed' : why}); it may be damaged, cut off or of another kind`);
}
