import { html, nothing, type TemplateResult } from 'lit';
import type { Turn, WalkInfo } from '../protocol.ts';
import { timestepOf, timestepText } from './alignment.ts';
import { samplerTitles } from './turns.ts';

export interface BranchForm {
  readonly info: WalkInfo;
  readonly turn: Turn;
  readonly busy: boolean;
  readonly onChange: (turn: Turn) => void;
  readonly onBranch: () => void;
  readonly onClose: () => void;
}

/** The turn that changes nothing: from a state on, as the walk goes anyway. */
export function turnAt({ steps }: WalkInfo, order: number): Turn {
  const { sampler, eta, seed } = steps[order]!;
  return { at: order, sampler, steps: steps.length - order, eta, seed };
}

/** "seed 7 from t 204": what is other than before. */
export function branchName(info: WalkInfo, turn: Turn): string {
  const before = turnAt(info, turn.at);
  const parts = [
    ...(turn.seed === before.seed ? [] : [`seed ${turn.seed}`]), ...(turn.sampler === before.sampler ? [] : [samplerTitles[turn.sampler]]),
    ...(turn.sampler !== 'ddim' || (turn.eta === before.eta && before.sampler === 'ddim') ? [] : [`eta ${turn.eta}`]), ...(turn.steps === before.steps ? [] : [`${turn.steps} steps`]),
  ];
  return `${parts.length === 0 ? 'the same' : parts.join(', ')} from t ${timestepText(timestepOf(info, turn.at))}`;
}

/** Eta is of DDIM alone; half way between its ends where it comes into play. */
function withSampler(turn: Turn, sampler: Turn['sampler']): Turn {
  return { ...turn, sampler, eta: sampler === 'ddim' ? (turn.sampler === 'ddim' ? turn.eta : 0.5) : 0 };
}

/** One line: how the walk goes on from the cursor. */
export function branchForm({ info, turn, busy, onChange, onBranch, onClose }: BranchForm): TemplateResult {
  const number = (label: string, key: 'seed' | 'eta' | 'steps', low: number, high: number, step: number): TemplateResult => html`
    <label class="field">${label} <input class="short number" type="number" min=${low} max=${high} step=${step} aria-label="${label} of the branch" .value=${String(turn[key])} ?data-first=${key === 'seed'}
      @change=${(event: Event) => { onChange({ ...turn, [key]: bounded((event.target as HTMLInputElement).value, low, high, step, turn[key]) }); }}></label>`;
  const onKey = (event: KeyboardEvent): void => {
    if (event.key !== 'Escape' && !(event.key === 'Enter' && event.target instanceof HTMLInputElement)) return;
    event.preventDefault();
    event.stopPropagation();
    if (event.key === 'Escape') onClose();
    else {
      (event.target as HTMLInputElement).dispatchEvent(new Event('change', { bubbles: true }));
      onBranch();
    }
  };
  return html`
    <div class="bar-row branch-form" role="group" aria-label="A branch from here" @keydown=${onKey}>
      <span class="number">From t = ${timestepText(timestepOf(info, turn.at))} on</span>
      ${number('Seed', 'seed', 0, 4_294_967_295, 1)}
      <label class="field">Sampler <select aria-label="Sampler of the branch" @change=${(event: Event) => { onChange(withSampler(turn, (event.target as HTMLSelectElement).value as Turn['sampler'])); }}>
        ${(Object.entries(samplerTitles) as [Turn['sampler'], string][]).map(([name, title]) => html`<option value=${name} ?selected=${name === turn.sampler}>${title}</option>`)}</select></label>
      ${turn.sampler === 'ddim' ? number('Eta', 'eta', 0, 1, 0.05) : nothing}
      ${number('Steps', 'steps', 1, 1000, 1)}
      <vscode-button ?disabled=${busy} title="Walk on from here (Enter)" @click=${onBranch}>Branch</vscode-button>
      <button class="link" title="Escape" @click=${onClose}>Close</button>
    </div>`;
}

function bounded(text: string, low: number, high: number, step: number, otherwise: number): number {
  const value = Number(text);
  if (text.trim() === '' || !Number.isFinite(value)) return otherwise;
  return Math.min(high, Math.max(low, step === 1 ? Math.round(value) : value));
}
