import uPlot from 'uplot';
import { axisStyle, chartColour } from '../plotStyle.ts';
import type { WalkInfo } from '../protocol.ts';
import { timestepOf, timestepText } from './alignment.ts';
import { columnsOf, plotsOf, valueAt, type Plot } from './curveData.ts';
import { scrub, stepText } from './scrubber.ts';

/** In CSS pixels. */
const plotHeight = 96;

interface Drawn {
  readonly plot: Plot;
  readonly figure: HTMLElement;
  readonly room: HTMLElement;
  readonly values: readonly HTMLElement[];
  chart: uPlot | undefined;
  cursor: HTMLElement | undefined;
}

/** Small plots beside each other over the steps of a walk; their line is the scrubber's. */
export class Curves {
  private drawn: readonly Drawn[] = [];
  private info: WalkInfo | undefined;
  private other: WalkInfo | undefined;
  private position = -1;
  private readonly resized = new ResizeObserver(() => { this.fit(); });

  constructor(readonly element: HTMLElement, private readonly onPosition: (position: number) => void) {
    this.resized.observe(element);
  }

  show(info: WalkInfo, other: WalkInfo | undefined, position: number): void {
    if (info !== this.info || other !== this.other) {
      [this.info, this.other] = [info, other];
      this.build();
    }
    if (position === this.position) return;
    this.position = position;
    this.follow();
  }

  /** The colours of the theme may be others now. */
  restyle(): void {
    for (const drawn of this.drawn) {
      drawn.chart?.destroy();
      drawn.chart = undefined;
    }
    this.fit();
  }

  dispose(): void {
    this.resized.disconnect();
    for (const { chart } of this.drawn) chart?.destroy();
  }

  private build(): void {
    const { info, other } = this;
    if (!info) return;
    for (const { chart } of this.drawn) chart?.destroy();
    this.drawn = plotsOf(info, other).map((plot) => figureOf(plot));
    this.element.replaceChildren(...this.drawn.map(({ figure }) => figure));
    for (const { room } of this.drawn) room.addEventListener('pointerdown', (event) => { scrubPlot(event, info.kept.length, this.onPosition); });
    this.position = -1;
    this.fit();
  }

  private fit(): void {
    const { info, other } = this;
    if (!info || this.element.clientWidth === 0) return;
    for (const drawn of this.drawn) {
      const width = Math.floor(drawn.room.clientWidth);
      if (width <= 0) continue;
      if (drawn.chart) drawn.chart.setSize({ width, height: plotHeight });
      else {
        drawn.chart = chartOf(drawn.plot, info, other, width, drawn.room);
        drawn.cursor = document.createElement('div');
        drawn.cursor.className = 'plot-cursor';
        drawn.chart.over.append(drawn.cursor);
      }
    }
    this.follow();
  }

  private follow(): void {
    const { info, other, position } = this;
    if (!info || position < 0) return;
    for (const { plot, figure, chart, cursor, values } of this.drawn) {
      if (chart && cursor) cursor.style.transform = `translateX(${chart.valToPos(position, 'x')}px)`;
      const texts = plot.curves.map((curve) => valueText(valueAt(curve, info, other, position), plot.digits));
      const compared = texts.slice(values.length);
      values.forEach((value, i) => { value.textContent = compared[i] === undefined ? texts[i]! : `${texts[i]!} / ${compared[i]}`; });
      figure.setAttribute('aria-label', `${plot.title} at ${stepText(info, info.kept[position]!)}: ${plot.curves.map((curve, i) => `${curve.label}${curve.other ? ' of the other' : ''} ${texts[i]!}`).join(', ')}`);
    }
  }
}

function valueText(value: number | null, digits: number): string {
  return value === null ? '–' : value.toFixed(digits).replace('-', '−');
}

/** Title, the curves' names with their values at the cursor, and room for the plot. */
function figureOf(plot: Plot): Drawn {
  const figure = document.createElement('div');
  figure.className = 'plot';
  figure.dataset['plot'] = plot.key;
  figure.setAttribute('role', 'img');
  figure.title = plot.explained;
  const caption = document.createElement('div');
  caption.className = 'plot-caption';
  const title = document.createElement('span');
  title.className = 'plot-title';
  title.textContent = plot.title;
  caption.append(title);
  // The compared walk has the same curves: its values stand behind these.
  const values = plot.curves.filter(({ other }) => !other).map((curve) => {
    const value = document.createElement('span');
    value.className = 'plot-value number';
    const name = document.createElement('span');
    name.className = `plot-key colour-${curve.colour}${curve.dashed ? ' dashed' : ''}`;
    name.textContent = curve.label;
    const pair = document.createElement('span');
    pair.className = 'plot-pair';
    pair.append(name, ' ', value);
    caption.append(pair);
    return value;
  });
  const room = document.createElement('div');
  room.className = 'plot-room';
  figure.append(caption, room);
  return { plot, figure, room, values, chart: undefined, cursor: undefined };
}

function chartOf(plot: Plot, info: WalkInfo, other: WalkInfo | undefined, width: number, room: HTMLElement): uPlot {
  const axis = axisStyle(room);
  const rightSide = plot.curves.some(({ right }) => right);
  return new uPlot({
    width, height: plotHeight, padding: [4, rightSide ? 0 : 10, 0, 0],
    legend: { show: false }, cursor: { show: false },
    scales: { x: { time: false, range: [-0.5, info.kept.length - 0.5] }, y: {}, right: {} },
    axes: [
      { ...axis, size: 16, space: 34, incrs: [1, 2, 5, 10, 20, 50, 100, 200, 500], values: (_, splits) => splits.map((split) => timeLabel(info, split)) },
      { ...axis, size: 38, space: 22 },
      // eslint-disable-next-line @typescript-eslint/no-unsafe-enum-assignment -- the enum is declared constant: it is not there at run time
      ...(rightSide ? [{ ...axis, scale: 'right', side: 1 as const, size: 30, space: 22, grid: { show: false } }] : []),
    ],
    series: [{}, ...plot.curves.map((curve): uPlot.Series => ({
      scale: curve.right ? 'right' : 'y', stroke: chartColour(room, curve.colour), width: 1.5, spanGaps: true, points: { show: false }, ...(curve.dashed ? { dash: curve.other ? [2, 3] : [5, 4] } : {}),
    }))],
  }, columnsOf(plot, info, other) as uPlot.AlignedData, room);
}

/** The timestep of a kept state, where an axis names it. */
function timeLabel(info: WalkInfo, place: number): string {
  const order = info.kept[place];
  if (order === undefined) return '';
  return order >= info.steps.length ? 'x₀' : timestepText(timestepOf(info, order));
}

/** As along the scrubber: the plot's own area is the strip. */
function scrubPlot(event: PointerEvent, count: number, onPosition: (position: number) => void): void {
  const over = (event.currentTarget as HTMLElement).querySelector<HTMLElement>('.u-over');
  if (!over) return;
  const { left, width } = over.getBoundingClientRect();
  if (event.clientX < left || event.clientX > left + width) return;
  over.tabIndex = -1;
  scrub(event, over, count, onPosition);
}
