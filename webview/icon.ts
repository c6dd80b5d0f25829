import { html, type TemplateResult } from 'lit';

/** A codicon; what it means is said by the control around it. */
export function icon(name: string): TemplateResult {
  return html`<i class="codicon codicon-${name}" aria-hidden="true"></i>`;
}
