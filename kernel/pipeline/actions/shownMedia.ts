import { KernelFailure } from '../../failure.ts';
import { readPicture } from '../../media/image.ts';
import { previewClip } from '../../media/previewClip.ts';
import { indexFrames, probeStreams, type ClipInfo, type ClipStreams } from '../../media/probe.ts';
import { framesFrom } from '../../media/seek.ts';
import type { Embedded, Shown } from '../../recipe/outcome.ts';
import type { RgbImage } from '../../tensor/rgbImage.ts';
import { refuseFrameBeyond } from '../fileRefusals.ts';
import type { ActionJob } from './actionJob.ts';
import { captioned } from './captions.ts';
import { composed, pictureSide, single } from './compose.ts';
import { embedded, fitted, resized, type Size } from './embed.ts';
import type { Illustrated } from './illustrated.ts';
import { relativePath } from './named.ts';

/** Widest clip, and its most seconds: the file that is linked has all of it. */
const clipSide = 320;
const clipSeconds = 10;
/** How far the proportions of two pictures under one line may differ. */
const sameShape = 0.02;

type Work = Pick<ActionJob, 'folder' | 'signal'>;

interface Pair {
  readonly after: string;
  /** What lies under the line. */
  readonly before?: string | undefined;
}

/** A picture, and what it is compared with. @throws KernelFailure('input') when one cannot be read, ('usage') when their proportions differ */
export async function shownPicture({ after, before }: Pair, job: Work, side = pictureSide): Promise<Illustrated> {
  const { view } = await readPicture(after);
  const under = before === undefined ? undefined : (await readPicture(before)).view;
  return still({ after, before }, view, under, job, side);
}

/** One frame of a clip, counted from 1. @throws KernelFailure('usage') when there is no such frame */
export async function shownFrame({ after, before }: Pair, frame: number, job: Work): Promise<Illustrated> {
  const at = async (path: string): Promise<RgbImage> => {
    const info = await indexFrames(await probeStreams(path));
    refuseFrameBeyond(path, info.timestamps.length, frame);
    return frameAt(info, info.timestamps[frame - 1]!, info, job.signal);
  };
  return still({ after, before }, await at(after), before === undefined ? undefined : await at(before), job, pictureSide, `, frame ${frame}`);
}

async function still({ after, before }: Pair, view: RgbImage, under: RgbImage | undefined, job: Work, side: number, which = ''): Promise<Illustrated> {
  if (under) refuseOtherShape(after, view, before!, under);
  const size = fitted(view, side);
  const shownView = await resized(view, size);
  const shownUnder = under && await resized(under, size);
  const title = relativePath(after, job) + which;
  const beside = before === undefined ? '' : `, beside ${relativePath(before, job)}`;
  return {
    shown: { kind: 'picture', title, after: await embedded(shownView), ...(shownUnder ? { before: await embedded(shownUnder) } : {}), text: `${title}: ${view.width} x ${view.height} px${beside}` },
    still: () => (shownUnder ? beforeAndAfter(shownUnder, shownView, title) : single(shownView)),
  };
}

/** The beginning of a clip, and of what it is compared with, in the same time. @throws KernelFailure('input') when one cannot be decoded, ('usage') when their proportions differ */
export async function shownClip({ after, before }: Pair, job: Work): Promise<Illustrated> {
  const clip = await indexFrames(await probeStreams(after));
  const under = before === undefined ? undefined : await probeStreams(before);
  if (under) refuseOtherShape(after, clip, before!, under);
  const size = even(fitted(clip, clipSide));
  const preview = async (of: ClipStreams): Promise<Embedded> => ({ mime: 'video/webm', data: (await previewClip(of, { size, seconds: clipSeconds, signal: job.signal })).toString('base64'), ...size });
  const all = secondsOf(clip);
  const seconds = Math.min(clipSeconds, all);
  const middle = clip.timestamps[Math.floor((clip.timestamps.filter((ticks) => inSeconds(clip, ticks - clip.timestamps[0]!) < seconds).length - 1) / 2)]!;
  const poster = await frameAt(clip, middle, size, job.signal);
  const title = relativePath(after, job);
  const part = all > clipSeconds ? `, of which the first ${clipSeconds} s are shown` : '';
  const beside = before === undefined ? '' : `, beside ${relativePath(before, job)}`;
  const shown: Shown = {
    kind: 'clip', title, after: await preview(clip), ...(under ? { before: await preview(under) } : {}), poster: await embedded(poster), seconds,
    text: `${title}: ${clip.width} x ${clip.height} px, ${clip.timestamps.length} frames, ${all.toFixed(1)} s${part}${beside}`,
  };
  return { shown, still: async () => (under ? beforeAndAfter(await frameAt(under, middle * tickRatio(clip, under), size, job.signal), poster, title) : single(poster)) };
}

/** The frame that is shown at a time, or the last there is. */
async function frameAt(clip: ClipStreams, ticks: number, size: Size, signal: AbortSignal): Promise<RgbImage> {
  let last: RgbImage | undefined;
  for await (const frame of framesFrom(clip, ticks, { size, signal })) {
    last = frame;
    if (frame.ticks >= ticks) break;
  }
  if (!last) throw new KernelFailure('input', `${clip.path} cannot be decoded at ${inSeconds(clip, ticks).toFixed(2)} s`);
  return { width: last.width, height: last.height, data: last.data };
}

function refuseOtherShape(after: string, one: Size, before: string, other: Size): void {
  if (Math.abs(Math.log((one.width * other.height) / (one.height * other.width))) <= sameShape) return;
  throw new KernelFailure('usage', `${after} (${one.width} x ${one.height} px) and ${before} (${other.width} x ${other.height} px) have other proportions: they cannot lie under one line`);
}

function secondsOf(clip: ClipInfo): number {
  return inSeconds(clip, clip.timestamps.at(-1)! - clip.timestamps[0]!) + clip.lastFrameDuration;
}

function inSeconds({ timeBase: { numerator, denominator } }: ClipStreams, ticks: number): number {
  return (ticks * numerator) / denominator;
}

/** Ticks of the second clip for each of the first. */
function tickRatio(from: ClipStreams, to: ClipStreams): number {
  return inSeconds(from, 1) / inSeconds(to, 1);
}

function even({ width, height }: Size): Size {
  return { width: Math.max(2, 2 * Math.round(width / 2)), height: Math.max(2, 2 * Math.round(height / 2)) };
}

async function beforeAndAfter(before: RgbImage, after: RgbImage, title: string): Promise<RgbImage> {
  return captioned(await composed([[before, after]]), { title, columns: ['before', 'after'] });
}
