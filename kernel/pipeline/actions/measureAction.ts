import { KernelFailure } from '../../failure.ts';
import { decodeFrames, type Frame } from '../../media/decode.ts';
import { readPicture } from '../../media/image.ts';
import { probeClip, type ClipInfo } from '../../media/probe.ts';
import type { MeasureAction, Metric } from '../../recipe/actions.ts';
import type { ActionOutcome } from '../../recipe/outcome.ts';
import type { RgbImage } from '../../tensor/rgbImage.ts';
import { chosenDetector } from '../../weights/detectors.ts';
import { metricsOf, refuseReference, refuseUnlike, type MeasurableFile } from '../fileRefusals.ts';
import type { ActionJob } from './actionJob.ts';
import { outcomeOf, type Illustrated } from './illustrated.ts';
import { facesOfClip, facesOfPicture, wholePicture, type MeasuredRegion } from './measuredRegion.ts';
import { placesInWords, type MeasuredPlace } from './measuredWords.ts';
import { Measurement, sharpnessPeriod, type Measured } from './measurement.ts';
import { fileOf, linked, mediaKind, relativePath } from './named.ts';
import { plot } from './plot.ts';
import { rounded, table } from './table.ts';

const columns: Readonly<Record<Metric, { readonly title: string; readonly unit?: string; readonly digits: number }>> = {
  psnr: { title: 'PSNR', unit: 'dB', digits: 2 },
  ssim: { title: 'SSIM', digits: 4 },
  sharpness: { title: 'Sharpness', digits: 2 },
  flicker: { title: 'Flicker', digits: 3 },
};
/** What is drawn over the frames of clips: the first of these that is measured. */
const drawn: readonly Metric[] = ['flicker', 'psnr', 'ssim', 'sharpness'];
const axisWords: Readonly<Record<Metric, string>> = {
  flicker: 'change that the reference does not have, root mean square', psnr: 'PSNR', ssim: 'SSIM', sharpness: `power finer than ${sharpnessPeriod} px`,
};

/** A file that was measured, in the words of a table. */
interface Row {
  readonly file: string;
  readonly measured: Measured;
}

/** What is compared: of a picture the one frame it is, of a clip all of them. */
interface Opened extends MeasurableFile {
  readonly frames: number;
  readonly open: () => AsyncIterable<Pick<Frame, 'index'> & RgbImage>;
  readonly region: () => Promise<MeasuredRegion>;
}

/**
 * Measures files, each against the reference where there is one, in the faces that are found in the reference: all files are looked at in the same places.
 * @throws KernelFailure('usage') for files that cannot be compared
 */
export async function runMeasure(action: MeasureAction, job: ActionJob): Promise<ActionOutcome> {
  const { measure, against, as } = action;
  const files = [measure].flat().map((value) => fileOf(value, job));
  const reference = against === undefined ? undefined : fileOf(against, job);
  const kinds = await Promise.all([...files, ...(reference ? [reference] : [])].map(mediaKind));
  const ofKind = files.map(({ path }, i) => ({ path, kind: kinds[i]! }));
  refuseReference(ofKind, reference && { path: reference.path, kind: kinds.at(-1)! });
  const metrics = metricsOf(action, ofKind, reference !== undefined);
  const referenceOpened = reference && await opened(reference.path, kinds.at(-1)!, action, job);
  const measuredFiles = await Promise.all(files.map(({ path }, i) => opened(path, kinds[i]!, action, job)));
  if (referenceOpened) for (const file of measuredFiles) refuseUnlike(file, referenceOpened);
  const shared = await referenceOpened?.region();
  const ofReference = new Measurement(['sharpness']);
  const rows: Row[] = [];
  const places: MeasuredPlace[] = [];
  for (const [i, file] of measuredFiles.entries()) {
    const region = shared ?? await file.region();
    const name = relativePath(file.path, job);
    places.push({ file: name, region });
    const tell = (frame: number): void => { job.onProgress({ stage: 'measuring', name, file: i, files: files.length, frame, frames: file.frames }); };
    rows.push({ file: name, measured: await measured(file, referenceOpened, { region, metrics, tell, signal: job.signal, ...(i === 0 && metrics.includes('sharpness') ? { ofReference } : {}) }) });
  }
  if (referenceOpened && metrics.includes('sharpness')) rows.push({ file: `${relativePath(referenceOpened.path, job)} (reference)`, measured: ofReference.measured });
  const { title, notes } = placesInWords(places, reference && relativePath(reference.path, job));
  const figures = table(title, [{ title: 'File' }, ...metrics.map((metric) => columns[metric]).map(({ title: name, unit }) => ({ title: name, ...(unit === undefined ? {} : { unit }) }))], rows.map(({ file, measured: { values } }) => [file, ...metrics.map((metric) => cellOf(values[metric], metric))]));
  const over = kinds.every((kind) => kind === 'clip') ? drawn.find((metric) => metrics.includes(metric)) : undefined;
  return outcomeOf('measure', [figures, ...(over === undefined ? [] : [overFrames(over, rows.slice(0, files.length))])], {
    links: [...files, ...(reference ? [reference] : [])].map(({ path }) => linked(relativePath(path, job), path, job)),
    notes,
    named: as === undefined ? undefined : { name: as, path: files[0]!.path },
  });
}

async function opened(path: string, kind: 'picture' | 'clip', { region = 'faces', faces: choice = 'all', detector: wanted }: MeasureAction, job: ActionJob): Promise<Opened> {
  const search = { choice, detector: chosenDetector(wanted) };
  const inside = (find: () => Promise<MeasuredRegion>): (() => Promise<MeasuredRegion>) => (region === 'picture' ? () => Promise.resolve(wholePicture) : find);
  if (kind === 'clip') {
    const info: ClipInfo = await probeClip(path);
    return { path, width: info.width, height: info.height, frames: info.timestamps.length, open: () => decodeFrames(info, job.signal), region: inside(() => facesOfClip(info, search, job)) };
  }
  const { width, height } = (await readPicture(path)).view;
  const view = async (): Promise<RgbImage> => (await readPicture(path)).view;   // read again rather than held: there may be many
  return {
    path, width, height, frames: 1, region: inside(async () => facesOfPicture(path, await view(), search, job)),
    async *open() {
      yield { index: 0, ...await view() };
    },
  };
}

interface Measuring {
  readonly region: MeasuredRegion;
  readonly metrics: readonly Metric[];
  /** Takes what is measured of the reference in the same places. */
  readonly ofReference?: Measurement;
  /** @param frames that are measured */
  readonly tell: (frames: number) => void;
  readonly signal: AbortSignal;
}

async function measured(file: Opened, reference: Opened | undefined, { region, metrics, ofReference, tell, signal }: Measuring): Promise<Measured> {
  const measurement = new Measurement(metrics);
  for await (const [frame, truth] of inStep(file, reference)) {
    signal.throwIfAborted();
    tell(frame.index);
    const references = truth && region.of(truth, frame.index);
    try {
      measurement.addFrame(region.of(frame, frame.index), references);
    } catch (error) {
      if (error instanceof RangeError) throw new KernelFailure('usage', `${file.path}: ${error.message}`, { cause: error });
      throw error;
    }
    if (references) ofReference?.addFrame(references);
    // long sums leave room for whoever waits for an answer
    await new Promise((resolve) => {
      setImmediate(resolve);
    });
  }
  return measurement.measured;
}

/** Both files frame by frame: one frame of each is in memory. */
async function* inStep(file: Opened, reference: Opened | undefined): AsyncGenerator<readonly [frame: Pick<Frame, 'index'> & RgbImage, truth: RgbImage | undefined]> {
  const truths = reference?.open()[Symbol.asyncIterator]();
  try {
    for await (const frame of file.open()) {
      const truth = await truths?.next();
      yield [frame, truth?.done === true ? undefined : truth?.value];
    }
  } finally {
    await truths?.return?.();
  }
}

function cellOf(value: number | undefined, metric: Metric): string | number | null {
  if (value === undefined) return null;
  return Number.isFinite(value) ? rounded(value, columns[metric].digits) : '∞';
}

function overFrames(metric: Metric, rows: readonly Row[]): Illustrated {
  const { title, unit, digits } = columns[metric];
  const length = Math.max(...rows.map(({ measured: { perFrame } }) => perFrame[metric].length));
  const words = rows.map(({ measured: { perFrame } }) => {
    const there = perFrame[metric].filter((value) => value !== null);
    if (there.length === 0) return 'none';
    return `${Math.min(...there).toFixed(digits)} to ${Math.max(...there).toFixed(digits)}, in the middle ${there.toSorted((a, b) => a - b)[there.length >> 1]!.toFixed(digits)}`;
  });
  return plot(`${title} over the frames`, { title: 'frame', values: Array.from({ length }, (_, i) => i + 1) }, { title: axisWords[metric], ...(unit === undefined ? {} : { unit }) },
    rows.map(({ file, measured: { perFrame } }) => ({ title: file, values: perFrame[metric] })), words);
}
