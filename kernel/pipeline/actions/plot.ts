import sharp from 'sharp';
import type { Shown } from '../../recipe/outcome.ts';
import type { RgbImage } from '../../tensor/rgbImage.ts';
import { svgText } from './captions.ts';
import type { Illustrated } from './illustrated.ts';
import { axisTicks, numberStrokes, strokesWidth } from './plotNumbers.ts';

type Plot = Extract<Shown, { readonly kind: 'plot' }>;

/** More points than pixels nobody sees. */
const mostPoints = 500;
/** Told apart by those who see few colours, too (Okabe and Ito 2008). */
const colours = ['#0072b2', '#d55e00', '#009e73', '#cc79a7', '#e69f00', '#56b4e9', '#000000', '#999933'];
const [width, height] = [640, 360];
const area = { left: 64, right: 20, top: 64, bottom: 52 };

/** Lines over a common axis. @param words what each line says */
export function plot(title: string, x: Plot['x'], y: Plot['y'], lines: Plot['lines'], words: readonly string[]): Illustrated {
  const said = lines.map((line, i) => `${lines.length > 1 ? `${i + 1}. ` : ''}${line.title}: ${words[i]!}`);
  const shown: Plot = { kind: 'plot', title, ...thinned(x, y, lines), text: [title, ...said].join('\n') };
  return { shown, still: () => drawn(shown) };
}

/** Of long lines the means of neighbours. */
function thinned(x: Plot['x'], y: Plot['y'], lines: Plot['lines']): Pick<Plot, 'x' | 'y' | 'lines'> {
  const every = Math.ceil(x.values.length / mostPoints);
  if (every <= 1) return { x, y, lines };
  const groups = Array.from({ length: Math.ceil(x.values.length / every) }, (_, i) => i * every);
  const means = (values: readonly (number | null)[]): (number | null)[] => groups.map((from) => {
    const there = values.slice(from, from + every).filter((value) => value !== null);
    return there.length === 0 ? null : there.reduce((sum, value) => sum + value, 0) / there.length;
  });
  return { x: { ...x, values: means(x.values) as number[] }, y, lines: lines.map((line) => ({ ...line, values: means(line.values) })) };
}

/** The plot as a picture. Axes and their numbers are strokes, for which no font has to be there; lines bear their names, and the numbers they have in the text. */
async function drawn({ title, x, y, lines }: Plot): Promise<RgbImage> {
  const values = lines.flatMap((line) => line.values.filter((value) => value !== null));
  const [across, up] = [axisTicks(Math.min(...x.values), Math.max(...x.values)), axisTicks(...range(values))];
  const place = (value: number, { from, to }: { readonly from: number; readonly to: number }, low: number, high: number): number => low + ((value - from) / (to - from)) * (high - low);
  const left = (value: number): number => place(value, across, area.left, width - area.right);
  const top = (value: number): number => place(value, up, height - area.bottom, area.top);
  const parts: string[] = [];
  for (const tick of up.ticks) {
    parts.push(`<path d="M${area.left} ${top(tick)}H${width - area.right}" stroke="#d8d8d8"/>`, numberStrokes(tick, up.digits, area.left - 8 - strokesWidth(tick, up.digits), top(tick)));
  }
  for (const tick of across.ticks) {
    parts.push(`<path d="M${left(tick)} ${height - area.bottom}v5" stroke="#404040"/>`, numberStrokes(tick, across.digits, left(tick) - strokesWidth(tick, across.digits) / 2, height - area.bottom + 16));
  }
  parts.push(`<path d="M${area.left} ${area.top}V${height - area.bottom}H${width - area.right}" stroke="#404040"/>`);
  const unit = y.unit === undefined ? '' : ` (${y.unit})`;
  parts.push(svgText(`${title}: ${y.title}${unit}`, 8, 18, 'start', 84), svgText(x.title, (area.left + width - area.right) / 2, height - 8, 'middle', 60));
  const each = (width - area.left - area.right) / lines.length;
  for (const [i, line] of lines.entries()) {
    const [at, row] = [area.left + each * i, 42];
    if (lines.length > 1) parts.push(`<path d="M${at.toFixed(1)} ${row}h18" stroke="${colours[i % colours.length]!}" stroke-width="3"/>`, numberStrokes(i + 1, 0, at + 24, row), svgText(line.title, at + 40, row + 5, 'start', Math.floor((each - 44) / 7)));
    const colour = colours[i % colours.length]!;
    let drawing = false;
    let path = '';
    for (const [k, value] of line.values.entries()) {
      path += value === null ? '' : `${drawing ? 'L' : 'M'}${left(x.values[k]!).toFixed(1)} ${top(value).toFixed(1)}`;
      drawing = value !== null;
    }
    parts.push(`<path d="${path}" stroke="${colour}" stroke-width="2" stroke-linejoin="round" stroke-linecap="round"${i < colours.length ? '' : ' stroke-dasharray="6 4"'}/>`);
  }
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}"><rect width="100%" height="100%" fill="#ffffff"/><g fill="none">${parts.join('')}</g></svg>`;
  return { width, height, data: new Uint8Array(await sharp(Buffer.from(svg)).removeAlpha().raw().toBuffer()) };
}

/** From 0 on, unless what is seen would lie in the upper half alone. */
function range(values: readonly number[]): readonly [low: number, high: number] {
  const [low, high] = [Math.min(...values), Math.max(...values)];
  return low >= 0 && low <= high / 2 ? [0, high] : [low, high];
}
