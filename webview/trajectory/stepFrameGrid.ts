import { html, nothing, type TemplateResult } from 'lit';
import { ref } from 'lit/directives/ref.js';
import { icon } from '../icon.ts';
import type { DocumentState } from '../protocol.ts';
import { segments, type Choice } from '../segments.ts';
import { timestepText } from './alignment.ts';
import type { ColourMap } from './colourMap.ts';
import type { GridCell, GridPhase, ShownGrid } from './gridWork.ts';
import { paintMap } from './paintTensor.ts';
import type { GridPicture, TrajectoryState } from './trajectoryState.ts';

export interface CellPlace {
  readonly row: number;
  readonly column: number;
}

export interface StepFrameGridView {
  readonly phase: GridPhase;
  readonly document: DocumentState;
  readonly state: TrajectoryState;
  /** The cell under the pointer or with the focus. */
  readonly at: CellPlace;
  readonly diverging: ColourMap;
  readonly timecode: (frame: number) => string;
  readonly onState: (part: Partial<TrajectoryState>) => void;
  readonly onAt: (place: CellPlace) => void;
  readonly onOpen: (frame: number, order: number) => void;
  readonly onMake: () => void;
  readonly onCancel: () => void;
  readonly onExport: () => void;
  readonly onLog: () => void;
}

const pictures: readonly Choice<GridPicture>[] = [
  { value: 'predX0', label: 'predX0', title: 'The face as the network sees it at each step' }, { value: 'xT', label: html`x<sub>t</sub>`, title: 'The state itself' },
  { value: 'change', label: 'Change', title: 'What is other than in the row above: blue darker, red brighter' },
];

/** Where flicker is born is asked first. */
const magnified = [...pictures.filter(({ value }) => value === 'change'), ...pictures.filter(({ value }) => value !== 'change')];

/** Diffusion time across, video time down: where flicker is born. */
export function stepFrameGrid(view: StepFrameGridView): TemplateResult {
  const { phase, state, onState, onMake, onExport } = view;
  return html`
    <div class="bar-row pane-controls">
      ${segments('What the cells show', pictures, state.gridPicture, (gridPicture) => { onState({ gridPicture }); })}
      <label class="field" title="At most so many frames, evenly spaced">Rows <input class="short number" type="number" min="2" max="48" step="1" aria-label="Rows of the grid" .value=${String(state.rows)}
        @change=${(event: Event) => { onState({ rows: Math.min(48, Math.max(2, Math.round(Number((event.target as HTMLInputElement).value)) || 12)) }); }}></label>
      ${phase.kind === 'ready' ? html`<span class="hint number">change up to ${phase.shown.largest.toFixed(3)}; colours ± ${phase.shown.grid.changeScale}</span>` : nothing}
      <span class="grow"></span>
      <button class="link" ?disabled=${phase.kind !== 'ready' || view.document.job !== null} title="Write the grid as a picture" @click=${onExport}>${icon('export')} Export Grid</button>
    </div>
    ${phase.kind === 'ready' ? gridBody(view, phase.shown) : notice(view, phase, onMake)}`;
}

function notice({ document: { job }, onCancel, onLog }: StepFrameGridView, phase: Exclude<GridPhase, { readonly kind: 'ready' }>, onMake: () => void): TemplateResult {
  switch (phase.kind) {
    case 'idle':
      return html`<div class="notice">${icon('table')}<p>Walks this face through many frames.</p><p class="hint">Steps across, frames down: one sees at which step flicker is born.</p><p><vscode-button ?disabled=${job !== null} @click=${onMake}>Make Grid</vscode-button></p></div>`;
    case 'asking':
      return html`<div class="notice walking"><p class="number">${job?.text ?? 'Looking for the walks of these frames'}</p>
        <vscode-progress-bar aria-label="The walks of these frames" .value=${job && !job.waiting ? job.done * 100 : Number.NaN} .max=${100}></vscode-progress-bar><p><vscode-button secondary title="Cancel (Escape)" @click=${onCancel}>Cancel</vscode-button></p></div>`;
    case 'failed':
      return html`<div class="notice" role="alert">${icon('error')}<p>${phase.message}</p><p><vscode-button secondary @click=${onMake}>Try Again</vscode-button> <button class="link" @click=${onLog}>Show Log</button></p></div>`;
    default:
      return phase satisfies never;
  }
}

function gridBody(view: StepFrameGridView, shown: ShownGrid): TemplateResult {
  const { grid, cells } = shown;
  const { at, onAt, onOpen, timecode, state } = view;
  const [row, column] = [Math.min(at.row, grid.frames.length - 1), Math.min(at.column, grid.kept.length - 1)];
  const open = (i: number, j: number): void => { onOpen(grid.frames[i]!, grid.kept[j]!); };
  const head = (j: number): string => (j === grid.kept.length - 1 ? 'x₀' : timestepText(grid.timesteps[j] ?? 0));
  const onKey = (event: KeyboardEvent): void => {
    const [down, right] = ({ ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0], Home: [0, -Infinity], End: [0, Infinity] } as const)[event.key] ?? [0, 0];
    if (event.key === 'Enter') open(row, column);
    else if (down === 0 && right === 0) return;
    event.preventDefault();
    event.stopPropagation();
    const place = { row: Math.min(grid.frames.length - 1, Math.max(0, row + down)), column: Math.min(grid.kept.length - 1, Math.max(0, column + right)) };
    onAt(place);
    (event.currentTarget as HTMLElement).querySelector<HTMLElement>(`[data-cell='${place.row} ${place.column}']`)?.focus();
  };
  const cell = cells[row]![column]!;
  return html`
    <div class="grid-body">
      <div class="grid-scroll">
        <table class="step-grid number" .style=${`--steps: ${grid.kept.length}`} role="grid" aria-label="Steps across, frames down" @keydown=${onKey}>
          <thead><tr><th scope="col" class="hint">frame \\ t</th>${grid.kept.map((_, j) => html`<th scope="col">${head(j)}</th>`)}</tr></thead>
          <tbody>${cells.map((line, i) => html`<tr><th scope="row" title=${timecode(grid.frames[i]!)}>${grid.frames[i]! + 1} <span class="hint">${timecode(grid.frames[i]!)}</span></th>
            ${line.map((one, j) => html`<td role="gridcell" data-cell="${i} ${j}" tabindex=${i === row && j === column ? '0' : '-1'} aria-label=${nameOf(view, shown, i, j)} title=${nameOf(view, shown, i, j)} class=${i === row && j === column ? 'at' : ''}
              .style=${`--change: ${Math.round((100 * (one.rms ?? 0)) / shown.largest)}%`} @pointerenter=${() => { onAt({ row: i, column: j }); }} @focus=${() => { onAt({ row: i, column: j }); }} @click=${() => { open(i, j); }}>${picture(view, shown, one, state.gridPicture)}</td>`)}</tr>`)}</tbody>
        </table>
      </div>
      <aside class="magnifier" aria-label="The cell, enlarged">
        <span class="number">frame ${grid.frames[row]! + 1}, ${column === grid.kept.length - 1 ? 'the result' : `t = ${head(column)}`}</span>
        ${magnified.map(({ value: name, label }) => html`<figure>${picture(view, shown, cell, name)}<figcaption class="hint">${label}${name === 'change' && cell.rms !== null ? html` <span class="number">rms ${cell.rms.toFixed(4)}</span>` : nothing}</figcaption></figure>`)}
        <span class="hint">Click or Enter opens it.</span>
      </aside>
    </div>`;
}

function nameOf({ timecode }: StepFrameGridView, { grid, cells }: ShownGrid, row: number, column: number): string {
  const { rms } = cells[row]![column]!;
  const step = column === grid.kept.length - 1 ? 'the result' : `t = ${timestepText(grid.timesteps[column] ?? 0)}`;
  return `Frame ${grid.frames[row]! + 1} (${timecode(grid.frames[row]!)}), ${step}${rms === null ? '' : `, change ${rms.toFixed(4)} from the row above`}`;
}

function picture({ diverging }: StepFrameGridView, { grid: { side } }: ShownGrid, cell: GridCell, name: GridPicture): TemplateResult {
  if (name !== 'change') return html`<img src=${name === 'xT' ? cell.xT : cell.predX0} alt="" draggable="false">`;
  return html`<canvas width=${side} height=${side} ${ref((element) => { if (element) paintChange(element as HTMLCanvasElement, cell.change, side, diverging); })}></canvas>`;
}

/** What each canvas shows: a page draws itself often, and these seldom change. */
const painted = new WeakMap<HTMLCanvasElement, readonly [Int8Array, ColourMap]>();

function paintChange(canvas: HTMLCanvasElement, change: Int8Array, side: number, diverging: ColourMap): void {
  const before = painted.get(canvas);
  if (before?.[0] === change && before[1] === diverging) return;
  painted.set(canvas, [change, diverging]);
  const image = new ImageData(side, side);
  paintMap(change, diverging, -127, 127, image.data);
  canvas.getContext('2d')!.putImageData(image, 0, 0);
}
