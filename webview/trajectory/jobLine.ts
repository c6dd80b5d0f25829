import { html, nothing, type TemplateResult } from 'lit';
import { icon } from '../icon.ts';
import type { DocumentState } from '../protocol.ts';

/** One line of a panel that has no restore bar: progress, or what the last job came to. Its place is reserved. */
export function jobLine({ job, outcome, device }: DocumentState, onCancel: () => void, onReveal: (path: string) => void, onLog: () => void): TemplateResult {
  if (job) {
    return html`<div class="bar-row status"><vscode-progress-bar aria-label=${job.text} .value=${job.waiting ? Number.NaN : job.done * 100} .max=${100}></vscode-progress-bar>
      <span class="number">${job.waiting ? '' : `${Math.floor(job.done * 100)} %`}</span><span class="ellipsis">${job.text}${device === null ? '' : `, ${device.toUpperCase()}`}</span>
      <span class="grow"></span><button class="link" title="Cancel (Escape)" @click=${onCancel}>Cancel</button></div>`;
  }
  const said = outcome.kind === 'none' ? '' : outcome.kind === 'cancelled' ? 'Cancelled' : outcome.text;
  return html`<div class="bar-row status">
    ${said === '' ? nothing : html`<span class="ellipsis ${outcome.kind === 'failed' ? 'failure' : ''}" title=${said}>${icon(outcome.kind === 'failed' ? 'error' : outcome.kind === 'cancelled' ? 'circle-slash' : outcome.kind === 'noFace' ? 'info' : 'check')} ${said}</span>`}
    ${outcome.kind === 'exported' ? html`<button class="link" @click=${() => { onReveal(outcome.path); }}>${icon('folder-opened')} Reveal</button>` : nothing}
    ${outcome.kind === 'failed' ? html`<button class="link" @click=${onLog}>Show Log</button>` : nothing}</div>`;
}
