/** Where an axis begins and ends, and the round numbers on it. */
export interface AxisTicks {
  readonly from: number;
  readonly to: number;
  readonly ticks: readonly number[];
  /** Behind the point. */
  readonly digits: number;
}

/** Round numbers (1, 2 or 5 times a power of ten) that span a range: four to ten of them. */
export function axisTicks(low: number, high: number): AxisTicks {
  const [from, to] = Number.isFinite(low) && Number.isFinite(high) ? (high > low ? [low, high] : [low, low + 1]) : [0, 1];
  const rough = (to - from) / 5;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = power * ([1, 2, 5].find((factor) => factor * power >= rough) ?? 10);
  const [first, last] = [Math.floor(from / step + 1e-9), Math.ceil(to / step - 1e-9)];
  const digits = Math.max(0, -Math.floor(Math.log10(step) + 1e-9));
  return { from: first * step, to: last * step, digits, ticks: Array.from({ length: last - first + 1 }, (_, i) => (first + i) * step) };
}

const [digitWidth, digitHeight, advance] = [5, 10, 8];

/** The seven strokes of a digit, clockwise from the top, the middle last; each from a point to a point in halves of a digit's height. */
const strokes = ['0 0H1', '1 0V1', '1 1V2', '1 2H0', '0 2V1', '0 1V0', '0 1H1'].map((stroke) => {
  const [, x, y, way, to] = /^(\d) (\d)([HV])(\d)$/.exec(stroke)!;
  return (left: number, top: number): string => `M${left + Number(x) * digitWidth} ${top + (Number(y) * digitHeight) / 2}${way!}${way === 'H' ? left + Number(to) * digitWidth : top + (Number(to) * digitHeight) / 2}`;
});
/** Which of them each character has. */
const shapes: Readonly<Record<string, readonly number[]>> = {
  0: [0, 1, 2, 3, 4, 5], 1: [1, 2], 2: [0, 1, 6, 4, 3], 3: [0, 1, 6, 2, 3], 4: [5, 6, 1, 2], 5: [0, 5, 6, 2, 3], 6: [0, 5, 4, 3, 2, 6], 7: [0, 1, 2], 8: [0, 1, 2, 3, 4, 5, 6], 9: [6, 5, 0, 1, 2, 3], '-': [6],
};

export function strokesWidth(value: number, digits: number): number {
  const text = value.toFixed(digits);
  return text.length * advance - (text.includes('.') ? advance / 2 : 0) - (advance - digitWidth);
}

/** A number as an SVG path. @param left of its first digit @param middle of its height */
export function numberStrokes(value: number, digits: number, left: number, middle: number): string {
  const top = middle - digitHeight / 2;
  let at = left;
  let path = '';
  for (const character of value.toFixed(digits)) {
    if (character === '.') {
      path += `M${at} ${top + digitHeight}h1`;
      at += advance / 2;
      continue;
    }
    for (const stroke of shapes[character] ?? []) path += strokes[stroke]!(at, top);
    at += advance;
  }
  return `<path d="${path}" stroke="#404040" stroke-width="1.2" stroke-linecap="round"/>`;
}
