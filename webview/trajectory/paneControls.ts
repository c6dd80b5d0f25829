import { html, nothing, type TemplateResult } from 'lit';
import { icon } from '../icon.ts';
import { segments, type Choice } from '../segments.ts';
import type { Comparison, DifferenceChoice, DifferenceTo, TrajectoryState } from './trajectoryState.ts';

export interface PaneControls {
  readonly state: TrajectoryState;
  readonly compared: boolean;
  /** "t = 204", or "the result", of the state others are compared to. */
  readonly pinned: string | undefined;
  readonly onState: (part: Partial<TrajectoryState>) => void;
  readonly onPin: () => void;
  readonly onFit: () => void;
  readonly onActual: () => void;
}

const scales = [0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2] as const;
const states: readonly Choice<TrajectoryState['state']>[] = [{ value: 'xT', label: html`x<sub>t</sub>`, title: 'The state itself' }, { value: 'predEps', label: 'predEps', title: 'The noise the network sees in it' }];
const comparisons: readonly Choice<Comparison>[] = [
  { value: 'beside', label: 'Beside', title: 'The two walks in panes of their own' }, { value: 'wipe', label: 'Wipe', title: 'A line between the two walks in the same panes' },
  { value: 'blink', label: 'Blink', title: 'The two walks by turns in the same panes; O held shows the other one' },
];

/** No difference, or one that tells something at the cursor. */
export function toggledDifference({ difference, pinned, order }: TrajectoryState): Partial<TrajectoryState> {
  if (difference) return { difference: null };
  // the result is what the last step predicts: it does not differ from the step before
  return { difference: { of: 'predX0', to: pinned !== null ? 'pinned' : order === null ? 'estimate' : 'before' } };
}

/** What the panes show: x_t or its noise, their zoom, and the difference of two states. */
export function paneControls({ state, compared, pinned, onState, onPin, onFit, onActual }: PaneControls): TemplateResult {
  const { difference } = state;
  const against: readonly (readonly [DifferenceTo, string])[] = [
    ['before', 'the step before'], ['pinned', pinned === undefined ? 'a pinned step' : `the pinned step, ${pinned}`], ['estimate', 'the estimate'], ['input', 'the input'], ['result', 'the result'], ['other', 'the other branch'],
  ];
  return html`
    <div class="bar-row pane-controls">
      ${segments('State', states, state.state, (chosenState) => { onState({ state: chosenState }); })}
      ${compared ? segments('Compare the two walks', comparisons, state.comparison, (comparison) => { onState({ comparison }); }) : nothing}
      <button class="tool wide" aria-pressed=${state.ownRange ? 'true' : 'false'} title="Show the state in the range of its own values; else it is clipped to [-1, 1]" @click=${() => { onState({ ownRange: !state.ownRange }); }}>Own Range</button>
      <button class="tool wide" aria-pressed=${difference ? 'true' : 'false'} title="The difference of two states (D)" @click=${() => { onState(toggledDifference(state)); }}>${icon('diff')} Difference</button>
      ${difference ? html`
        <select aria-label="Difference of" @change=${(event: Event) => { onState({ difference: { ...difference, of: chosen(event) as DifferenceChoice['of'] } }); }}>
          ${([['xT', 'x_t'], ['predX0', 'predX0'], ['predEps', 'predEps']] as const).map(([value, title]) => html`<option value=${value} ?selected=${value === difference.of}>${title}</option>`)}</select>
        less
        <select aria-label="Less" @change=${(event: Event) => { const to = chosen(event) as DifferenceTo; if (to === 'pinned' && pinned === undefined) onPin(); onState({ difference: { ...difference, to } }); }}>
          ${against.map(([value, title]) => html`<option value=${value} ?selected=${value === difference.to} ?disabled=${value === 'other' && !compared}>${title}</option>`)}</select>
        <label class="field">Scale <select class="number" aria-label="Scale of the difference" title="Ends of the colours; auto: all but the largest 2 % fit" @change=${(event: Event) => { onState({ scale: chosen(event) === '' ? null : Number(chosen(event)) }); }}>
          <option value="" ?selected=${state.scale === null}>auto</option>
          ${scales.map((scale) => html`<option value=${scale} ?selected=${scale === state.scale}>± ${scale}</option>`)}</select></label>` : nothing}
      <button class="tool wide" aria-pressed=${pinned === undefined ? 'false' : 'true'} title=${pinned === undefined ? 'Pin this step: others can be compared to it (P)' : `Pinned: ${pinned}. Pin this step instead (P)`} @click=${onPin}>${icon('pin')} Pin</button>
      <span class="grow"></span>
      <output class="pixel number hint" title="The pixel under the crosshair; C puts it into the middle, Alt with arrows moves it"></output>
      <span class="together"><button class="tool" title="Fit (0)" aria-label="Fit" @click=${onFit}>${icon('screen-full')}</button>
      <button class="tool wide number" title="Actual size (1)" aria-label="1:1, actual size" @click=${onActual}>1:1</button></span>
    </div>`;
}

function chosen(event: Event): string {
  return (event.target as HTMLSelectElement).value;
}
