import { extname } from 'node:path';
import { KernelFailure, OptionFailure } from '../failure.ts';
import { hasEncoder } from './ffmpeg.ts';
import type { ClipStreams } from './probe.ts';

/** How colours are stored, from the finest to the coarsest: RGB, or YCbCr with that much chroma. */
type Sampling = 'rgb' | '444' | '422' | '420';

interface Encoder {
  readonly encoder: string;
  readonly options: readonly string[];
  /** Pixel formats it takes, one for each sampling it knows. */
  readonly formats: Readonly<Partial<Record<Sampling, string>>>;
}

const planar = { '420': 'yuv420p', '422': 'yuv422p', '444': 'yuv444p' } as const;

/** Encoders of each codec family, the preferred first, at a quality at which the source's loss dominates. */
const families: Readonly<Record<string, readonly Encoder[]>> = {
  h264: [{ encoder: 'libx264', options: ['-crf', '16', '-preset', 'medium'], formats: planar }, { encoder: 'libx264rgb', options: ['-crf', '16', '-preset', 'medium'], formats: { rgb: 'rgb24' } }],
  hevc: [{ encoder: 'libx265', options: ['-crf', '18', '-preset', 'medium', '-tag:v', 'hvc1', '-x265-params', 'log-level=error'], formats: { ...planar, rgb: 'gbrp' } }],
  vp9: [{ encoder: 'libvpx-vp9', options: ['-crf', '18', '-b:v', '0', '-row-mt', '1', '-cpu-used', '2'], formats: { ...planar, rgb: 'gbrp' } }],
  vp8: [{ encoder: 'libvpx', options: ['-crf', '6', '-b:v', '12M'], formats: { '420': 'yuv420p' } }],
  av1: [
    { encoder: 'libsvtav1', options: ['-crf', '22', '-preset', '6'], formats: { '420': 'yuv420p' } },
    { encoder: 'libaom-av1', options: ['-crf', '20', '-b:v', '0', '-cpu-used', '6', '-strict', 'experimental'], formats: planar },
  ],
  mpeg4: [{ encoder: 'mpeg4', options: ['-q:v', '2'], formats: { '420': 'yuv420p' } }],
  prores: [{ encoder: 'prores_ks', options: ['-profile:v', '3'], formats: { '422': 'yuv422p10le' } }, { encoder: 'prores_ks', options: ['-profile:v', '4'], formats: { '444': 'yuv444p10le' } }],
  ffv1: [{ encoder: 'ffv1', options: ['-level', '3'], formats: { ...planar, rgb: 'bgr0' } }],
  mjpeg: [{ encoder: 'mjpeg', options: ['-q:v', '2'], formats: { '420': 'yuvj420p', '422': 'yuvj422p', '444': 'yuvj444p' } }],
  png: [{ encoder: 'png', options: [], formats: { rgb: 'rgb24' } }],
};

/** Names people use for the same family. */
const aliases: Readonly<Record<string, string>> = { x264: 'h264', avc: 'h264', libx264: 'h264', h265: 'hevc', x265: 'hevc', libx265: 'hevc', 'libvpx-vp9': 'vp9', libvpx: 'vp8' };

/** What containers that are particular can hold; the others take what is written here. */
const containers: Readonly<Record<string, readonly string[]>> = {
  '.webm': ['vp9', 'vp8', 'av1'], '.ogv': ['vp8'], '.flv': ['h264'], '.3gp': ['h264', 'mpeg4'],
  '.mp4': ['h264', 'hevc', 'vp9', 'av1', 'mpeg4', 'mjpeg', 'png'], '.m4v': ['h264', 'hevc', 'mpeg4'], '.mov': ['h264', 'hevc', 'mpeg4', 'prores', 'mjpeg', 'png'],
  '.ts': ['h264', 'hevc'], '.mts': ['h264', 'hevc'], '.m2ts': ['h264', 'hevc'], '.mpg': ['h264'], '.mpeg': ['h264'],
};

/** Where a sampling is not to be had: what comes next, the best first. */
const substitutes: Readonly<Record<Sampling, readonly Sampling[]>> = { rgb: ['rgb', '444', '422', '420'], '444': ['444', '422', '420', 'rgb'], '422': ['422', '444', '420', 'rgb'], '420': ['420', '422', '444', 'rgb'] };

/** How a clip will be encoded. */
export interface Encoding {
  readonly encoder: string;
  readonly options: readonly string[];
  readonly pixelFormat: string;
  /** The name by which the same is asked for, where there is one. */
  readonly codec?: string;
  /** What of the source the result does not have. */
  readonly notes: readonly string[];
}

/**
 * The codec family a person means.
 * @throws KernelFailure('usage') naming the known ones
 */
export function codecFamily(name: string): string {
  const wanted = aliases[name.toLowerCase()] ?? name.toLowerCase();
  if (!Object.hasOwn(families, wanted)) throw new OptionFailure('usage', 'codec', `the codec '${name}' is not known; ${Object.keys(families).join(', ')} are`);
  return wanted;
}

/**
 * The codec family a person means for the result of a clip.
 * @param path of the result, or any with its extension
 * @throws OptionFailure('usage') for one that nobody knows, or that the container cannot hold
 */
export function heldFamily(clip: string, path: string, codec: string): string {
  const family = codecFamily(codec);
  const extension = extname(path).toLowerCase();
  const holds = containers[extension];
  if (holds && !holds.includes(family)) throw new OptionFailure('usage', 'codec', `${clip}: a ${extension} file cannot hold ${family}; ${holds.join(', ')} it can`);
  return family;
}

/**
 * Chooses encoder and pixel format: the source's own where nothing else is asked for and this ffmpeg has it.
 * @param path of the result, or any with its extension
 * @throws KernelFailure('usage') for a codec the container cannot hold, ('dependency') when ffmpeg lacks the encoder, ('input') when the container holds none that can be written
 */
export async function chooseEncoding(info: ClipStreams, path: string, codec?: string): Promise<Encoding> {
  const extension = extname(path).toLowerCase();
  const holds = containers[extension];
  let family = codec === undefined ? info.codec : heldFamily(info.path, path, codec);
  const chosen = await find(family, samplingFor(info, family));
  const asked = Object.hasOwn(families, family) && holds?.includes(family) !== false ? { codec: family } : {};
  if (chosen) return { ...chosen, ...asked, notes: reductions(info, chosen.sampling) };
  if (codec !== undefined) throw new OptionFailure('dependency', 'codec', `this ffmpeg cannot encode ${family}; install a fuller one or choose another --codec`);
  for (family of holds ?? ['h264']) {
    const other = await find(family, samplingFor(info, family));
    if (other) return { ...other, codec: family, notes: [`the source's codec (${info.codec}) cannot be encoded here; ${titleOf(family)} was used`, ...reductions(info, other.sampling)] };
  }
  throw new KernelFailure('dependency', `${info.path}: this ffmpeg can encode none of what a ${extension} file holds; install a fuller one, or save the clip as .mkv or .mp4 first`);
}

async function find(family: string, wanted: Sampling): Promise<(Omit<Encoding, 'notes'> & { readonly sampling: Sampling }) | undefined> {
  const candidates = Object.hasOwn(families, family) ? families[family]! : [];
  for (const sampling of substitutes[wanted]) {
    for (const { encoder, options, formats } of candidates) {
      const pixelFormat = formats[sampling];
      if (pixelFormat !== undefined && (await hasEncoder(encoder))) return { encoder, options, pixelFormat, sampling };
    }
  }
  return undefined;
}

/** RGB stays RGB in the codec it came in; elsewhere few players know it. Odd sizes need full chroma. */
function samplingFor(info: ClipStreams, family: string): Sampling {
  const sampling = samplingOf(info.pixelFormat);
  if (sampling === 'rgb') return family === info.codec ? 'rgb' : '444';
  return info.width % 2 === 1 || info.height % 2 === 1 ? '444' : sampling;
}

function samplingOf(pixelFormat: string): Sampling {
  if (isRgb(pixelFormat)) return 'rgb';
  if (/444|440/.test(pixelFormat)) return '444';
  return /422|411/.test(pixelFormat) ? '422' : '420';
}

export function isRgb(pixelFormat: string): boolean {
  return /^(gbr|rgb|bgr|argb|abgr|0rgb|0bgr|pal8)/.test(pixelFormat);
}

function titleOf(family: string): string {
  return family === 'h264' ? 'H.264' : family.toUpperCase();
}

const names: Readonly<Record<Sampling, string>> = { rgb: 'RGB', '444': '4:4:4', '422': '4:2:2', '420': '4:2:0' };

function reductions({ pixelFormat, others }: ClipStreams, sampling: Sampling): readonly string[] {
  const source = samplingOf(pixelFormat);
  const fineness: readonly Sampling[] = ['420', '422', '444', 'rgb'];
  const bits = /48(le|be)$|64(le|be)$/.test(pixelFormat) ? 16 : Number(/(9|10|12|14|16)(le|be)$/.exec(pixelFormat)?.[1] ?? 8);
  return [
    ...(bits > 8 ? [`its ${bits} bits a colour were reduced to 8`] : []),
    ...(fineness.indexOf(sampling) < fineness.indexOf(source) ? [`its colours (${names[source]}) are written as ${names[sampling]}`] : []),
    ...(/^(yuva|gbrap|rgba|bgra|argb|abgr|ya)/.test(pixelFormat) ? ['its transparency is not kept'] : []),
    ...(others.covers > 0 ? ['its cover picture is not kept'] : []),
    ...(others.videos > 0 ? ['of its video tracks only the first is kept'] : []),
    ...(others.data > 0 ? ['its data tracks (time codes, positions) are not kept'] : []),
  ];
}
