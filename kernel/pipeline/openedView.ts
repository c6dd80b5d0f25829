import type { RestoreRequest } from '../recipe/restoreOptions.ts';
import type { RgbImage } from '../tensor/rgbImage.ts';
import { ClipView } from './clipView.ts';
import { chooseTracks, clipWork, type ClipWork } from './clipWork.ts';
import { kindOf } from './collectFiles.ts';
import { FaceStores } from './faceStores.ts';
import { knownTracks } from './foundFaces.ts';
import type { Plan } from './plan.ts';
import type { RestorationStore } from './restorationStore.ts';
import type { SharedPictures } from './sharedPictures.ts';
import type { MediaInfo } from './viewTypes.ts';

/** The stores that a view shows: they stay for as long as it is open. */
class Holds {
  private closed = false;
  private readonly held = new Map<RestorationStore, () => void>();

  add({ all }: FaceStores): void {
    for (const store of all) if (!this.closed && !this.held.has(store)) this.held.set(store, store.hold());
  }

  end(): void {
    this.closed = true;
    for (const letGo of this.held.values()) letGo();
  }
}

/** A file that is shown. */
export type View = { readonly holds: Holds } & (
  | { readonly kind: 'picture'; readonly path: string; readonly image: RgbImage; readonly letGo: () => void; readonly result: string | undefined }
  | { readonly kind: 'clip'; readonly path: string; readonly clip: ClipView; readonly result: ClipView | undefined; readonly works: Map<string, Promise<ClipWork | undefined>> }
);

/**
 * Reads what a view shows.
 * @param result an earlier result of the file, shown as its restored layer
 * @throws KernelFailure('input', 'dependency') when it cannot be shown
 */
export async function openView(path: string, result: string | undefined, pictures: SharedPictures): Promise<{ readonly view: View; readonly info: MediaInfo }> {
  if (kindOf(path) !== 'clip') {
    const { picture: { view: image, format, notes }, letGo } = await pictures.take(path);
    return { view: { kind: 'picture', path, image, letGo, result, holds: new Holds() }, info: { kind: 'picture', path, format, width: image.width, height: image.height, notes } };
  }
  const clip = await ClipView.open(path);
  const view: View = { kind: 'clip', path, clip, result: result === undefined ? undefined : await ClipView.open(result), works: new Map(), holds: new Holds() };
  const { codec, width, height, frameRate, duration, timeBase, startTime, audioStreams, sampleAspectRatio } = clip.clip;
  const ticksPerSecond = timeBase.denominator / timeBase.numerator;
  const [across, down] = (sampleAspectRatio ?? '1:1').split(':').map(Number) as [number, number];
  return { view, info: { kind: 'clip', path, codec, width, height, frameRate, duration, ticksPerSecond, start: Math.round(startTime * ticksPerSecond), sound: audioStreams > 0, pixelAspect: across / down } };
}

export function endView(view: View): void {
  if (view.kind === 'clip') {
    view.clip.dispose();
    view.result?.dispose();
  } else view.letGo();
  view.holds.end();
}

/** The store of what is restored in this way, held for as long as the view is open. */
export async function storeOf({ path, holds }: View, plan: Plan): Promise<FaceStores> {
  const store = await FaceStores.of(path, plan);
  holds.add(store);
  return store;
}

/** A clip with what is restored of it; undefined while its faces are not known. */
export async function makeWork(view: Extract<View, { kind: 'clip' }>, request: RestoreRequest, plan: Plan): Promise<ClipWork | undefined> {
  const tracks = await knownTracks(view.path, plan.detector);
  if (!tracks) return undefined;
  return clipWork(await view.clip.index(), chooseTracks(tracks, view.clip.clip, request.faces ?? 'all'), plan.model?.description.faceSize ?? 512, await storeOf(view, plan), plan.pasting);
}
