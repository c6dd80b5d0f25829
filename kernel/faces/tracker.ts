import { eyeDistance, type Face, type Landmarks } from './face.ts';

/** Number of a track, counted from 0 in order of appearance: part of the noise's key. */
export type TrackId = number & { readonly brand: 'TrackId' };

/** One person through consecutive frames: landmarks for every frame from `first` on, gaps filled. */
export interface Track {
  readonly id: TrackId;
  readonly first: number;
  readonly landmarks: readonly Landmarks[];
  /** First and last frame of each gap in which the face was not seen: its landmarks there lie between those around. */
  readonly bridged: readonly (readonly [number, number])[];
  /** Where the face was when it was first seen. */
  readonly box: Face['box'];
}

interface Open {
  readonly first: number;
  readonly box: Face['box'];
  readonly seen: Map<number, Face>;
  last: number;
}

/** A face may be lost for so many frames and still be the same. */
const longestGap = 8;
/** Shorter tracks are chance finds, unless the clip itself is as short. */
const shortestTrack = 3;

/** Joins the faces of consecutive frames to tracks: each face goes to the track whose last face is nearest, within its own size. */
export class Tracker {
  private readonly open: Open[] = [];
  private readonly closed: Open[] = [];
  private frames = 0;

  /** Faces of the frame before, where detection may look first. */
  get current(): readonly Face[] {
    return this.open.filter(({ last }) => last === this.frames - 1).map(({ seen, last }) => seen.get(last)!);
  }

  /** @param cut the scene changed before this frame: no track goes on */
  add(faces: readonly Face[], cut = false): void {
    const frame = this.frames++;
    for (let i = this.open.length - 1; i >= 0; i--) if (cut || frame - this.open[i]!.last > longestGap) this.closed.push(...this.open.splice(i, 1));
    const pairs = this.open.flatMap((track) => faces.map((face) => ({ track, face, distance: distance(track.seen.get(track.last)!, face) }))).filter((pair) => pair.distance < 1).sort((a, b) => a.distance - b.distance);
    const taken = new Set<unknown>();
    for (const { track, face } of pairs) {
      if (taken.has(track) || taken.has(face)) continue;
      taken.add(track).add(face);
      track.seen.set(frame, face);
      track.last = frame;
    }
    for (const face of faces) if (!taken.has(face)) this.open.push({ first: frame, box: face.box, seen: new Map([[frame, face]]), last: frame });
  }

  /** All tracks, in order of appearance, then from left to right. */
  finish(): readonly Track[] {
    const least = Math.min(shortestTrack, this.frames);
    return [...this.closed, ...this.open].filter(({ seen }) => seen.size >= least)
      .sort((a, b) => a.first - b.first || a.box.x - b.box.x)
      .map((track, id) => ({ id: id as TrackId, first: track.first, box: track.box, landmarks: filled(track), bridged: gaps(track) }));
  }
}

/** Distance of two faces in units of their size; Infinity when they differ too much in size to be one. */
function distance(a: Face, b: Face): number {
  const [p, q] = [a.landmarks[2], b.landmarks[2]];
  const size = Math.max(eyeDistance(a), eyeDistance(b), a.box.width / 3);
  const ratio = a.box.width / b.box.width;
  return ratio > 1.6 || ratio < 1 / 1.6 ? Infinity : Math.hypot(p.x - q.x, p.y - q.y) / size;
}

function gaps({ seen }: Open): readonly (readonly [number, number])[] {
  const frames = [...seen.keys()].sort((a, b) => a - b);
  return frames.slice(1).flatMap((frame, i) => (frame - frames[i]! > 1 ? [[frames[i]! + 1, frame - 1] as const] : []));
}

/** Landmarks of every frame; where the face was not seen, between those of the frames around. */
function filled({ first, last, seen }: Open): readonly Landmarks[] {
  const frames = [...seen.keys()].sort((a, b) => a - b);
  const result: Landmarks[] = [];
  for (let frame = first, next = 0; frame <= last; frame++) {
    while (frames[next]! < frame) next++;
    const after = seen.get(frames[next]!)!.landmarks;
    if (frames[next] === frame) {
      result.push(after);
      continue;
    }
    const before = seen.get(frames[next - 1]!)!.landmarks;
    const t = (frame - frames[next - 1]!) / (frames[next]! - frames[next - 1]!);
    result.push(after.map((point, k) => ({ x: before[k]!.x + (point.x - before[k]!.x) * t, y: before[k]!.y + (point.y - before[k]!.y) * t })) as unknown as Landmarks);
  }
  return result;
}
