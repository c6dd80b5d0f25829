import type { WalkInfo } from '../protocol.ts';
import { orderAt, placeOfTimestep, positionOf, timestepOf } from './alignment.ts';

/** A line of a plot: one value for each kept state of the walk it belongs to. */
export interface Curve {
  readonly label: string;
  readonly values: readonly (number | null)[];
  /** Name of one of VS Code's colours for charts. */
  readonly colour: 'blue' | 'orange' | 'green' | 'purple' | 'yellow' | 'red' | 'foreground';
  readonly dashed: boolean;
  /** Of the walk that is compared, not of the one that is looked at. */
  readonly other: boolean;
  /** Measured at the right edge, on a scale of its own. */
  readonly right: boolean;
}

export interface Plot {
  readonly key: string;
  readonly title: string;
  /** What the numbers mean. */
  readonly explained: string;
  readonly digits: number;
  readonly curves: readonly Curve[];
}

const bandColours = ['blue', 'green', 'purple', 'orange', 'red', 'yellow'] as const;

/** The plots of a walk, and of the one it is compared with. */
export function plotsOf(info: WalkInfo, other: WalkInfo | undefined): readonly Plot[] {
  const twice = (one: (walk: WalkInfo) => readonly Omit<Curve, 'other'>[]): readonly Curve[] => [
    ...one(info).map((curve) => ({ ...curve, other: false })), ...(other ? one(other).map((curve) => ({ ...curve, other: true, dashed: true })) : []),
  ];
  const line = (label: string, colour: Curve['colour'], values: Curve['values'], dashed = false, right = false): Omit<Curve, 'other'> => ({ label, colour, values, dashed, right });
  return [
    { key: 'change', title: 'Change of predX0', explained: 'Root mean square change of predX0 from the kept step before', digits: 4, curves: twice(({ figures }) => [line('rms', 'blue', figures.change)]) },
    {
      key: 'distance', title: 'Distance', explained: 'Root mean square distance of predX0 to the estimate and to the result; dashed: what x_t still carries of the estimate, sqrt(alphaBar_t) times the departure', digits: 3,
      curves: twice((walk) => [line('to estimate', 'orange', walk.figures.toEstimate), line('to result', 'green', walk.figures.toResult), line('√ᾱ × departure', 'foreground', carried(walk), true)]),
    },
    {
      key: 'power', title: 'Power of predX0, dB', explained: 'Mean power of the luma in bands of spatial frequency, by their periods in pixels', digits: 1,
      curves: twice(({ figures }) => figures.bands.map((band, i) => line(bandName(band), bandColours[i % bandColours.length]!, (figures.power[i] ?? []).map(decibels)))),
    },
    {
      key: 'schedule', title: 'Schedule', explained: 'alphaBar of x_t (left) and its log-SNR (right)', digits: 2,
      curves: twice((walk) => [line('ᾱ', 'blue', walk.kept.map((order) => alphaBarOf(walk, order))), line('log-SNR', 'orange', walk.kept.map((order) => logSnr(alphaBarOf(walk, order))), false, true)]),
    },
  ];
}

/** alphaBar of a state; 1 for the result. */
export function alphaBarOf({ steps }: WalkInfo, order: number): number {
  return steps[order]?.alphaBar ?? 1;
}

/** log(alphaBar / (1 - alphaBar)); null where nothing is noise any more. */
export function logSnr(alphaBar: number): number | null {
  return alphaBar < 1 && alphaBar > 0 ? Math.log(alphaBar / (1 - alphaBar)) : null;
}

/** What x_t still carries of the estimate's departure from the result (Yue and Loy 2024, section 3.3: diffusion contracts the error). */
function carried(walk: WalkInfo): readonly number[] {
  return walk.kept.map((order) => Math.sqrt(alphaBarOf(walk, order)) * walk.figures.departure);
}

/** The paper's factor for the start of a walk, in words. */
export function contractionText({ start }: WalkInfo): string {
  const factor = Math.sqrt(start.alphaBar);
  return `√ᾱ_N = ${factor.toFixed(3)}: the diffusion leaves ${Math.round(factor * 100)} % of the estimate's error`;
}

function decibels(power: number): number | null {
  return power > 0 ? 10 * Math.log10(power) : null;
}

function bandName({ from, to }: WalkInfo['figures']['bands'][number]): string {
  return to === null || !Number.isFinite(to) ? `> ${from} px` : `${from}–${to} px`;
}

/** Columns for a plot: places along the walk that is looked at, and each curve's values there (null where it has none). */
export function columnsOf({ curves }: Plot, info: WalkInfo, other: WalkInfo | undefined): readonly (readonly (number | null)[])[] {
  const own = info.kept.map((_, i) => i);
  const others = other ? other.kept.map((order) => (order >= other.steps.length ? info.kept.length - 1 : placeOfTimestep(info, timestepOf(other, order)))) : [];
  const places = [...new Set([...own, ...others])].sort((a, b) => a - b);
  return [places, ...curves.map((curve) => {
    const at = new Map((curve.other ? others : own).map((place, i) => [place, curve.values[i] ?? null]));
    return places.map((place) => at.get(place) ?? null);
  })];
}

/** A curve's value at the cursor. */
export function valueAt(curve: Curve, info: WalkInfo, other: WalkInfo | undefined, position: number): number | null {
  if (!curve.other) return curve.values[position] ?? null;
  return other ? curve.values[positionOf(other, orderAt(other, info, info.kept[position]!))] ?? null : null;
}
