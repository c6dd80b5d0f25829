import { execFile } from 'node:child_process';
import { stat } from 'node:fs/promises';
import { promisify } from 'node:util';
import { KernelFailure } from '../failure.ts';
import { findProgram } from './ffmpeg.ts';

const run = promisify(execFile);

/** What is known of a clip before its frames are decoded. */
export interface ClipInfo {
  readonly path: string;
  readonly codec: string;
  readonly pixelFormat: string;
  /** Size of the upright frames in pixels. */
  readonly width: number;
  readonly height: number;
  /** Clockwise rotation that display needs, in degrees; frames are decoded upright. */
  readonly rotation: 0 | 90 | 180 | 270;
  /** Seconds of a tick of the video stream. */
  readonly timeBase: { readonly numerator: number; readonly denominator: number };
  /** Presentation timestamps in ticks, ascending: one for each frame. */
  readonly timestamps: readonly number[];
  /** Seconds that the last frame is shown. */
  readonly lastFrameDuration: number;
  /** Mean frames a second. */
  readonly frameRate: number;
  readonly sampleAspectRatio?: string;
  readonly colour: { readonly range?: string; readonly space?: string; readonly primaries?: string; readonly transfer?: string };
  readonly audioStreams: number;
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
 * Probes a clip with ffprobe: its streams, and the presentation time of every frame.
 * @throws KernelFailure('input') for what is no clip, is damaged, or is HDR; ('dependency') without ffprobe
 */
export async function probeClip(path: string): Promise<ClipInfo> {
  const found = await stat(path).catch((error: unknown) => {
    throw new KernelFailure('input', `${path} cannot be read: ${messageOf(error)}`, { cause: error });
  });
  if (found.size === 0) throw new KernelFailure('input', `${path} is empty`);
  const { streams = [] } = await ffprobe(path, ['-show_streams']) as { streams?: readonly ProbedStream[] };
  const video = streams.find(({ codec_type, disposition }) => codec_type === 'video' && disposition?.attached_pic !== 1);
  if (video?.width === undefined || video.height === undefined) throw new KernelFailure('input', `${path} has no video stream`);
  if (video.color_transfer === 'smpte2084' || video.color_transfer === 'arib-std-b67') {
    throw new KernelFailure('input', `${path} is HDR (${video.color_transfer}), which restoring in 8 bit would spoil; convert it to SDR first`);
  }
  const [numerator, denominator] = (video.time_base ?? '1/1000').split('/').map(Number) as [number, number];
  const timestamps = await presentationTimes(path, streams.indexOf(video));
  if (timestamps.length === 0) throw new KernelFailure('input', `${path} holds no frames`);
  const rotation = rotationOf(video);
  const turned = rotation === 90 || rotation === 270;
  const span = ((timestamps[timestamps.length - 1]! - timestamps[0]!) * numerator) / denominator;
  const [rateUp, rateDown] = (video.avg_frame_rate ?? '0/0').split('/').map(Number) as [number, number];
  const measured = rateUp > 0 && rateDown > 0 ? rateUp / rateDown : span > 0 ? (timestamps.length - 1) / span : 25;
  const { color_range: range, color_space: space, color_primaries: primaries, color_transfer: transfer } = video;
  return {
    path, codec: video.codec_name ?? 'unknown', pixelFormat: video.pix_fmt ?? 'yuv420p', rotation,
    width: turned ? video.height : video.width,
    height: turned ? video.width : video.height,
    timeBase: { numerator, denominator }, timestamps, frameRate: measured,
    lastFrameDuration: Number(video.duration ?? 0) - span > 0.5 / measured ? Number(video.duration) - span : 1 / measured,
    ...(video.sample_aspect_ratio !== undefined && !['1:1', '0:1', 'N/A'].includes(video.sample_aspect_ratio) ? { sampleAspectRatio: turned ? video.sample_aspect_ratio.split(':').reverse().join(':') : video.sample_aspect_ratio } : {}),
    colour: { ...known('range', range), ...known('space', space), ...known('primaries', primaries), ...known('transfer', transfer) },
    audioStreams: streams.filter(({ codec_type }) => codec_type === 'audio').length,
  };
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

/** Times of all packets that are shown, in display order. */
async function presentationTimes(path: string, stream: number): Promise<number[]> {
  const { packets = [] } = await ffprobe(path, ['-select_streams', String(stream), '-show_entries', 'packet=pts,dts,flags']) as { packets?: readonly { pts?: number; dts?: number; flags?: string }[] };
  return packets.filter(({ flags }) => flags?.includes('D') !== true).map(({ pts, dts }) => pts ?? dts ?? 0).sort((a, b) => a - b);
}

async function ffprobe(path: string, options: readonly string[]): Promise<unknown> {
  const program = await findProgram('ffprobe');
  try {
    const { stdout } = await run(program, ['-v', 'error', '-of', 'json', ...options, '-protocol_whitelist', 'file', `file:${path}`], { maxBuffer: 1 << 30 });
    return JSON.parse(stdout) as unknown;
  } catch (error) {
    const said = error instanceof Error && 'stderr' in error ? String(error.stderr).trim().split('\n').pop()?.replace(/^.*?file:[^:]*: /, '') : undefined;
    const why = said === undefined || said === '' ? messageOf(error) : said;
    throw new KernelFailure('input', `${path} is no clip that can be read (${why}); it may be damaged, cut off or of another kind`, { cause: error });
  }
}

function messageOf(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).split('\n')[0]!;
}
