import { html, type TemplateResult } from 'lit';
import { icon } from '../icon.ts';
import type { DocumentState } from '../protocol.ts';
import type { WalkPhase } from './walkBook.ts';

export interface WalkNotice {
  readonly phase: Exclude<WalkPhase, { readonly kind: 'ready' }>;
  readonly document: DocumentState;
  readonly onWalk: () => void;
  readonly onCancel: () => void;
  readonly onLog: () => void;
}

/** Stands in the place of a walk that cannot be shown, or not yet. */
export function walkNotice({ phase, document: { job }, onWalk, onCancel, onLog }: WalkNotice): TemplateResult {
  switch (phase.kind) {
    case 'asking':
      return html`<div class="notice hint" role="status">${icon('loading codicon-modifier-spin')}<p>Looking for the walk of this face</p></div>`;
    case 'absent':
      if (job?.what === 'walk') return progress(job, onCancel);
      return html`<div class="notice">${icon('git-commit')}<p>These options have not been walked yet.</p>
        <p class="hint">The states between the estimate and the restored face are made and kept.</p>
        <p><vscode-button ?disabled=${job !== null} @click=${onWalk}>Walk</vscode-button></p></div>`;
    case 'walking':
      return progress(job, onCancel);
    case 'failed':
      return html`<div class="notice" role="alert">${icon('error')}<p>${phase.message}</p>
        <p><vscode-button secondary @click=${onWalk}>Try Again</vscode-button> <button class="link" @click=${onLog}>Show Log</button></p></div>`;
    default:
      return phase satisfies never;
  }
}

function progress(job: DocumentState['job'], onCancel: () => void): TemplateResult {
  const text = job ? (job.waiting ? 'Others are in front of it' : job.text) : 'The walk begins';
  return html`<div class="notice walking"><p class="number">${text}</p>
    <vscode-progress-bar aria-label=${text} .value=${job && !job.waiting ? job.done * 100 : Number.NaN} .max=${100}></vscode-progress-bar>
    <p><vscode-button secondary title="Cancel (Escape)" @click=${onCancel}>Cancel</vscode-button></p></div>`;
}
