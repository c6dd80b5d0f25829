import { html, nothing, type TemplateResult } from 'lit';
import { icon } from '../icon.ts';
import type { WalkInfo } from '../protocol.ts';
import { stepText } from './scrubber.ts';
import type { TrajectoryState } from './trajectoryState.ts';

export interface StepTransport {
  readonly info: WalkInfo;
  readonly position: number;
  /** Of playing; 0 stands. */
  readonly rate: number;
  readonly state: TrajectoryState;
  readonly onStep: (by: number) => void;
  readonly onPlay: (direction: 1 | -1) => void;
  readonly onState: (part: Partial<TrajectoryState>) => void;
}

/** Buttons that move the cursor, where it stands, and what else is open. */
export function stepTransport({ info, position, rate, state, onStep, onPlay, onState }: StepTransport): TemplateResult {
  const tool = (name: string, title: string, act: () => void): TemplateResult => html`<button class="tool" title=${title} aria-label=${title} @click=${act}>${icon(name)}</button>`;
  const section = (key: 'curves' | 'branches' | 'seedMap' | 'exporting', label: string, title: string): TemplateResult =>
    html`<button class="tool wide" aria-pressed=${state[key] ? 'true' : 'false'} title=${title} @click=${() => { onState({ [key]: !state[key] }); }}>${label}</button>`;
  return html`
    <div class="bar-row transport step-transport">
      ${tool('debug-reverse-continue', 'First step (Home)', () => { onStep(-Infinity); })}
      ${tool('chevron-left', 'One step back (Left)', () => { onStep(-1); })}
      ${rate < 0 ? tool('debug-pause', 'Pause (Space)', () => { onPlay(-1); }) : html`<button class="tool mirrored" title="Play backwards (Shift+Space)" aria-label="Play backwards (Shift+Space)" @click=${() => { onPlay(-1); }}>${icon('play')}</button>`}
      ${tool(rate > 0 ? 'debug-pause' : 'play', rate > 0 ? 'Pause (Space)' : 'Play (Space)', () => { onPlay(1); })}
      ${tool('chevron-right', 'One step on (Right)', () => { onStep(1); })}
      ${tool('debug-continue', 'The result (End)', () => { onStep(Infinity); })}
      <span class="number time step-text">${stepText(info, info.kept[position]!)}</span>
      ${rate !== 0 && Math.abs(rate) !== 1 ? html`<span class="number hint">${Math.abs(rate)}x</span>` : nothing}
      <span class="grow"></span>
      <span class="together" role="group" aria-label="What is open">
        ${section('branches', 'Branches', 'Other ways the walk was taken')}
        ${section('curves', 'Curves', 'Change, distance, power and schedule over the steps')}
        ${section('seedMap', 'Seed Map', 'What many seeds agree on, and what each invents')}
        ${section('exporting', 'Export', 'Write the walk as arrays or pictures')}
      </span>
    </div>`;
}
