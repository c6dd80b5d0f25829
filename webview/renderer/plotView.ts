import uPlot from 'uplot';
import type { Shown } from '../protocol.ts';
import { axisStyle, chartColour } from '../plotStyle.ts';
import { ThemeWatch } from '../trajectory/themeWatch.ts';
import { valueText } from './valueText.ts';

/** In CSS pixels. */
const [widest, height] = [640, 200];
const colours = ['blue', 'orange', 'green', 'purple', 'red', 'yellow'] as const;
/** Lines are told apart without colours, too. */
const dashes: readonly number[][] = [[], [6, 4], [2, 3], [8, 3, 2, 3]];

/** Lines over a common axis, with their names and, under the pointer, their values. */
export class PlotView {
  readonly elements: readonly HTMLElement[];
  private readonly room = document.createElement('div');
  private readonly values: readonly HTMLElement[];
  private chart: uPlot | undefined;
  private readonly resized = new ResizeObserver(() => { this.fit(); });
  private readonly themes = new ThemeWatch(() => {
    this.chart?.destroy();
    this.chart = undefined;
    this.fit();
  });

  constructor(private readonly plot: Shown & { readonly kind: 'plot' }) {
    const legend = document.createElement('div');
    legend.className = 'legend';
    const measured = document.createElement('span');
    measured.className = 'note';
    measured.textContent = plot.y.unit === undefined ? plot.y.title : `${plot.y.title}, ${plot.y.unit}`;
    const names = document.createElement('div');
    names.className = 'legend';
    this.values = plot.lines.map(({ title }, i) => {
      const entry = document.createElement('span');
      const sample = document.createElement('span');
      sample.className = 'sample';
      sample.innerHTML = `<svg width="22" height="8" aria-hidden="true"><line x1="0" x2="22" y1="4" y2="4" stroke-width="2" style="stroke: var(--vscode-charts-${colourOf(i)}, currentColor)" stroke-dasharray="${dashOf(i).join(' ')}"/></svg>`;
      const value = document.createElement('span');
      value.className = 'number value';
      entry.append(sample, ' ', title, ' ', value);
      names.append(entry);
      return value;
    });
    legend.append(measured, names);
    this.room.className = 'plot-room';
    this.room.setAttribute('role', 'img');
    this.room.setAttribute('aria-label', `${plot.title}: ${plot.text}`);
    this.elements = [legend, this.room];
    this.resized.observe(this.room);
  }

  dispose(): void {
    this.resized.disconnect();
    this.themes.dispose();
    this.chart?.destroy();
  }

  private fit(): void {
    const width = Math.min(widest, Math.floor(this.room.clientWidth));
    if (width <= 0) return;
    if (this.chart) this.chart.setSize({ width, height });
    else this.chart = this.draw(width);
  }

  private draw(width: number): uPlot {
    const { plot: { x, lines }, room } = this;
    const axis = axisStyle(room);
    return new uPlot({
      width, height, padding: [6, 10, 0, 0], legend: { show: false }, cursor: { y: false, drag: { x: false, y: false }, points: { size: 5 } },
      scales: { x: { time: false }, y: { range: (_, low, high) => rangeOf(low, high) } },
      axes: [{ ...axis, ...(x.values.every(Number.isInteger) ? { incrs: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000] } : {}), size: 18, label: x.title, labelFont: axis.font!, labelSize: 16, labelGap: 2 }, { ...axis, size: 40 }],
      series: [{}, ...lines.map((_, i): uPlot.Series => ({ stroke: chartColour(room, colourOf(i)), width: 1.5, points: { show: false }, dash: dashOf(i) }))],
      hooks: { setCursor: [({ cursor: { idx } }) => { this.tell(idx ?? undefined); }] },
    }, [[...x.values], ...lines.map(({ values }) => x.values.map((__, i) => values[i] ?? null))], room);
  }

  private tell(place: number | undefined): void {
    this.values.forEach((value, i) => { value.textContent = place === undefined ? '' : valueText(this.plot.lines[i]!.values[place] ?? null); });
  }
}

function colourOf(i: number): string {
  return colours[i % colours.length]!;
}

function dashOf(i: number): number[] {
  return dashes[i % dashes.length]!;
}

/** A little room above and below; figures that begin near 0 are seen from 0. */
function rangeOf(low: number | null, high: number | null): [number, number] {
  if (low === null || high === null) return [0, 1];
  const room = Math.max(1e-9, (high - low) * 0.08);
  return [low >= 0 && low < (high - low) * 2 ? 0 : low - room, high + room];
}
