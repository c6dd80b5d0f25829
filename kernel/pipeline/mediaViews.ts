import { cropFace } from '../faces/align.ts';
import { gateOf } from '../faces/gate.ts';
import type { Track } from '../faces/tracker.ts';
import { KernelFailure } from '../failure.ts';
import { encodeJpeg, encodePng, readPicture, scaledToFit } from '../media/image.ts';
import type { RgbImage } from '../tensor/rgbImage.ts';
import type { DetectorChoice, DetectorName } from '../weights/detectorNames.ts';
import { chosenDetector } from '../weights/detectors.ts';
import type { ClipView, ShownFrames } from './clipView.ts';
import { storedFrames, type ClipWork } from './clipWork.ts';
import type { EnginePool } from './enginePool.ts';
import type { FaceFinder } from './faceDetector.ts';
import { findTracks, steadyAlignment } from './findTracks.ts';
import { knownTracks, tracksOnce } from './foundFaces.ts';
import { colouredCrop, pasteCrop, type Pasting } from './pasting.ts';
import { endView, makeWork, openView, storeOf, type View } from './openedView.ts';
import { planOf } from './plan.ts';
import type { OnProgress } from './progress.ts';
import type { RestoreRequest } from '../recipe/restoreOptions.ts';
import { everyFace, placedFaces } from './chosenFaces.ts';
import { storedCrops, type DoneFace } from './restoreImage.ts';
import { foundFace, foundTrack } from './shownFaces.ts';
import { SharedPictures } from './sharedPictures.ts';
import type { FoundFace, MediaInfo } from './viewTypes.ts';

/** Pictures beyond this many pixels are shown as JPEG: encoding them without loss would take seconds. */
const losslessPixels = 6_000_000;
/** Longest side a canvas of a browser takes everywhere. */
const longestSide = 8192;

/** A face by its number, which holds for what found it. */
export interface NumberedFace {
  readonly number: number;
  readonly detector: DetectorName;
}

/** The files that editors show at this moment, under the names the editors gave them. */
export class MediaViews {
  private readonly views = new Map<string, View>();
  /** Which opening of a name is the last one. */
  private readonly openings = new Map<string, symbol>();
  /** What finds the faces of a view, where something else than `auto` was asked for. */
  private readonly detectors = new Map<string, DetectorChoice>();
  private readonly pictures = new SharedPictures();

  constructor(private readonly engines: EnginePool) {}

  /**
   * @param result an earlier result of the file, shown as its restored layer
   * @throws KernelFailure('input', 'dependency') when it cannot be shown, ('cancelled') when it is closed or opened anew meanwhile
   */
  async open(name: string, path: string, result?: string): Promise<MediaInfo> {
    this.close(name);
    const opening = Symbol(name);
    this.openings.set(name, opening);
    const { view, info } = await openView(path, result, this.pictures);
    if (this.openings.get(name) !== opening) {
      endView(view);
      throw new KernelFailure('cancelled', `the view of ${path} was closed while it was opened`);
    }
    this.views.set(name, view);
    return info;
  }

  close(name: string): void {
    this.openings.delete(name);
    this.detectors.delete(name);
    const view = this.views.get(name);
    if (view) endView(view);
    this.views.delete(name);
  }

  dispose(): void {
    for (const name of [...this.views.keys(), ...this.openings.keys()]) this.close(name);
  }

  clip(name: string): ClipView {
    const view = this.view(name);
    if (view.kind !== 'clip') throw new KernelFailure('usage', `${view.path} is no clip`);
    return view.clip;
  }

  /** A picture as bytes a browser shows: as it is, or with the faces that are restored under a request. */
  async picture(name: string, restored?: RestoreRequest | 'result'): Promise<Buffer> {
    const view = this.pictureView(name);
    let image = view.image;
    if (restored === 'result') {
      if (view.result !== undefined) image = (await readPicture(view.result)).view;
    } else if (restored) {
      image = { ...image, data: image.data.slice() };
      const { stored, pasting } = await this.storedFaces(view, restored);
      for (const { face: { toCrop }, crop } of stored) pasteCrop({ picture: image, toCrop, strength: 1 }, colouredCrop(crop, view.image, toCrop, pasting), crop.labels, { upscale: 1 });
    }
    const shown = await scaledToFit(image, longestSide);
    return shown.width * shown.height > losslessPixels ? encodeJpeg(shown, 92) : encodePng(shown);
  }

  /**
   * Frames of a clip from a presentation time on, with what is restored of them.
   * @param from ticks
   */
  async frames(name: string, from: number, count: number, size: { readonly width: number; readonly height: number }, restored?: RestoreRequest | 'result'): Promise<ShownFrames> {
    const clip = this.clip(name);
    if (restored !== 'result') return clip.read(from, count, size, restored && (await this.work(name, restored)));
    const result = (this.view(name) as Extract<View, { kind: 'clip' }>).result;
    if (!result) return clip.read(from, count, size);
    const rate = ({ timeBase }: ClipView['clip']): number => timeBase.denominator / timeBase.numerator;
    const [{ frames, interrupted }, restoredFrames] = await Promise.all([clip.read(from, count, size), result.read(Math.round((from * rate(result.clip)) / rate(clip.clip)), count, size)]);
    return { frames: frames.map((frame, i) => ({ ...frame, restored: restoredFrames.frames[i]?.original })), interrupted: interrupted || restoredFrames.interrupted };
  }

  /**
   * Finds the faces of a picture, or the tracks of a clip.
   * @param detector what finds them here from now on
   */
  async findFaces(name: string, detector: DetectorChoice, signal: AbortSignal, onProgress: OnProgress): Promise<readonly FoundFace[]> {
    const view = this.view(name);
    this.detectors.set(name, detector);
    const finder = this.finder(name);
    if (view.kind === 'picture') {
      const faces = await everyFace(view.path, view.image, finder, signal);
      return faces.map((face, i) => foundFace(i + 1, face, gateOf(face.landmarks, view.image)));
    }
    const info = await view.clip.index();
    const tracks = await tracksOnce(view.path, finder.detector, () => findTracks(info, finder, { signal, onProgress }));
    view.works.clear();
    return tracks.map((track) => foundTrack(track, info));
  }

  /** The tracks of a clip, where they were looked for before. */
  async knownFaces(name: string, detector: DetectorChoice): Promise<readonly FoundFace[] | undefined> {
    const view = this.view(name);
    this.detectors.set(name, detector);
    if (view.kind === 'picture') return undefined;
    return (await knownTracks(view.path, this.finder(name).detector))?.map((track) => foundTrack(track, view.clip.clip));
  }

  /** The aligned crop of one face of a picture, as JPEG: degraded, or as it is restored under a request. */
  async faceCrop(name: string, number: number, restored: RestoreRequest | undefined, signal: AbortSignal): Promise<Buffer | undefined> {
    const crop = await this.pictureCrop(name, number, restored, signal);
    return crop && encodeJpeg(await scaledToFit(crop, 128), 85);
  }

  /**
   * The aligned crop of a face as a restoration takes it, `size` px wide.
   * @param face its number, and what found it; @param frame of a clip
   * @throws KernelFailure('usage') when the face is not there
   */
  async alignedCrop(name: string, { number, detector }: NumberedFace, frame: number, size: number, signal: AbortSignal): Promise<RgbImage> {
    const view = this.view(name);
    const missing = (): KernelFailure => new KernelFailure('usage', `${view.path} has no face ${number}${view.kind === 'clip' ? ` in frame ${frame + 1}` : ''}`);
    if (view.kind === 'picture') {
      const [face] = await placedFaces(view.path, view.image, [number], { ...this.engines.detector.finder(detector), faceSize: size }, signal);
      if (!face) throw missing();
      return cropFace(view.image, face.toCrop, size);
    }
    const track = await this.track(name, { number, detector });
    const toCrop = track && steadyAlignment(track, size)[frame - track.first];
    const image = toCrop && (await view.clip.frameAt((await view.clip.index()).timestamps[frame]!, signal));
    if (!image) throw missing();
    return cropFace(image, toCrop, size);
  }

  /** One person through a clip; undefined in a picture, and while faces are not known. */
  async track(name: string, { number, detector }: NumberedFace): Promise<Track | undefined> {
    const view = this.view(name);
    return view.kind === 'clip' ? (await knownTracks(view.path, detector))?.find(({ id }) => id === number - 1) : undefined;
  }

  /** Path of the file that is shown. */
  path(name: string): string {
    return this.view(name).path;
  }

  /** A clip with what is restored of it under a request; undefined while its faces are not known. */
  async work(name: string, request: RestoreRequest): Promise<ClipWork | undefined> {
    const view = this.view(name);
    if (view.kind !== 'clip') return undefined;
    const plan = { ...await planOf(request), ...await this.engines.numbers(request.precision) };
    const key = JSON.stringify([request, plan.numbers, plan.earlier]);
    const work = view.works.get(key) ?? makeWork(view, request, plan);
    view.works.set(key, work);
    const made = await work.catch((error: unknown) => {
      view.works.delete(key);
      throw error;
    });
    if (!made) view.works.delete(key);
    return made;
  }

  /** Which frames of a clip are restored completely under a request; in a picture, which faces (as tracks). */
  async restored(name: string, request: RestoreRequest): Promise<readonly number[]> {
    const view = this.view(name);
    if (view.kind === 'picture') return (await this.storedFaces(view, request)).stored.map(({ face }) => face.number);
    const work = await this.work(name, request);
    if (!work?.store) return [];
    return storedFrames(work).stored;
  }

  private finder(name: string): FaceFinder {
    return this.engines.detector.finder(chosenDetector(this.detectors.get(name)));
  }

  private view(name: string): View {
    const view = this.views.get(name);
    if (!view) throw new KernelFailure('usage', `no view has the name ${name}`);
    return view;
  }

  private pictureView(name: string): Extract<View, { kind: 'picture' }> {
    const view = this.view(name);
    if (view.kind !== 'picture') throw new KernelFailure('usage', `${view.path} is no picture`);
    return view;
  }

  private async storedFaces(view: Extract<View, { kind: 'picture' }>, request: RestoreRequest): Promise<{ readonly stored: readonly DoneFace[]; readonly pasting: Pasting }> {
    const plan = { ...await planOf(request), ...await this.engines.numbers(request.precision) };
    const store = await storeOf(view, plan);
    const faces = await placedFaces(view.path, view.image, request.faces ?? 'all', { ...this.engines.detector.finder(plan.detector), faceSize: plan.model?.description.faceSize ?? 512 }, new AbortController().signal);
    return { stored: await storedCrops(faces, store, plan.pasting), pasting: plan.pasting };
  }

  private async pictureCrop(name: string, number: number, restored: RestoreRequest | undefined, signal: AbortSignal): Promise<RgbImage | undefined> {
    const view = this.pictureView(name);
    if (restored) return (await this.storedFaces(view, { ...restored, faces: [number] })).stored[0]?.crop.image;
    const [face] = await placedFaces(view.path, view.image, [number], { ...this.finder(name), faceSize: 128 }, signal);
    return face && cropFace(view.image, face.toCrop, 128);
  }
}
