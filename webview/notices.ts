import { html, type TemplateResult } from 'lit';
import { icon } from './icon.ts';

/** Stands for a file that cannot be shown. */
export function unreadableNotice(message: string, gone: boolean, onReload: () => void, onLog: () => void): TemplateResult {
  return html`<div class="notice" role="alert">${icon(gone ? 'trash' : 'error')}<p>${message}</p>
    <p><vscode-button secondary @click=${onReload}>Try Again</vscode-button> <button class="link" @click=${onLog}>Show Log</button></p></div>`;
}

/** Stands for a file that is on its way. */
export function openingNotice(): TemplateResult {
  return html`<div class="notice hint" role="status">${icon('loading codicon-modifier-spin')}<p>Opening</p></div>`;
}

/** Stands for the walk of a face where there is no face. */
export function noFaceNotice(message: string): TemplateResult {
  return html`<div class="notice hint" role="status">${icon('person')}<p>${message}</p></div>`;
}
