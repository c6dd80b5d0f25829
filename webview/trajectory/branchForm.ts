import { html, nothing, type TemplateResult } from 'lit';
import { icon } from '../icon.ts';
import type { Turn, WalkInfo } from '../protocol.ts';
import { timestepOf, timestepText } from './alignment.ts';
import { samplerTitles } from './turns.ts';

/** Fields a person types numbers into. */
const fields = {
  seed: { label: 'Seed', low: 0, high: 4_294_967_295, step: 1 },
  eta: { label: 'Eta', low: 0, high: 1, step: 0.05 },
  steps: { label: 'Steps', low: 1, high: 1000, step: 1 },
} as const;
export type BranchField = keyof typeof fields;

/** What was typed and cannot be meant, by its field, and why. */
export type BranchProblems = { readonly [K in BranchField]?: { readonly text: string; readonly message: string } };

export interface BranchForm {
  readonly info: WalkInfo;
  readonly turn: Turn;
  readonly problems: BranchProblems;
  readonly busy: boolean;
  readonly onChange: (turn: Turn) => void;
  readonly onField: (field: BranchField, text: string) => void;
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

/** What was typed into a field: a number, or why it is none that can be walked with. Nothing is bent into what fits. */
export function readField(field: BranchField, text: string): number | string {
  const { label, low, high, step } = fields[field];
  const value = Number(text);
  const whole = step === 1;
  if (text.trim() !== '' && value >= low && value <= high && (!whole || Number.isInteger(value))) return value;
  return `${label} takes a ${whole ? 'whole ' : ''}number from ${low} to ${high}.`;
}

/** Eta is of DDIM alone; half way between its ends where it comes into play. */
function withSampler(turn: Turn, sampler: Turn['sampler']): Turn {
  return { ...turn, sampler, eta: sampler === 'ddim' ? (turn.sampler === 'ddim' ? turn.eta : 0.5) : 0 };
}

/** One line: how the walk goes on from the cursor. */
export function branchForm({ info, turn, problems, busy, onChange, onField, onBranch, onClose }: BranchForm): TemplateResult {
  const number = (key: BranchField): TemplateResult => {
    const { label, low, high, step } = fields[key];
    return html`
    <label class="field">${label} <input class="short number" type="number" min=${low} max=${high} step=${step} aria-label="${label} of the branch" .value=${problems[key]?.text ?? String(turn[key])} aria-invalid=${problems[key] === undefined ? 'false' : 'true'}
      @change=${(event: Event) => { onField(key, (event.target as HTMLInputElement).value); }}></label>`;
  };
  const problem = Object.values(problems)[0];
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
      ${number('seed')}
      <label class="field">Sampler <select aria-label="Sampler of the branch" @change=${(event: Event) => { onChange(withSampler(turn, (event.target as HTMLSelectElement).value as Turn['sampler'])); }}>
        ${(Object.entries(samplerTitles) as [Turn['sampler'], string][]).map(([name, title]) => html`<option value=${name} ?selected=${name === turn.sampler}>${title}</option>`)}</select></label>
      ${turn.sampler === 'ddim' ? number('eta') : nothing}
      ${number('steps')}
      <vscode-button ?disabled=${busy || problem !== undefined} title="Walk on from here (Enter)" @click=${onBranch}>Branch</vscode-button>
      <button class="link" title="Escape" @click=${onClose}>Close</button>
    </div>
    ${problem === undefined ? nothing : html`<div class="problem" role="alert">${icon('warning')} ${problem.message}</div>`}`;
}
