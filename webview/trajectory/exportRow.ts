import { html, nothing, type TemplateResult } from 'lit';
import type { WalkFormat } from '../protocol.ts';

const formatsKnown: readonly (readonly [WalkFormat, string, string])[] = [
  ['npz', 'NPZ', 'All states as arrays that NumPy opens, with a JSON of every parameter'], ['png', 'PNG strip', 'The filmstrip as one picture'], ['webm', 'WebM', 'The walk as a film'], ['gif', 'GIF', 'The walk as an animated picture'],
];

export interface ExportRow {
  readonly formats: readonly WalkFormat[];
  /** Something else is under way. */
  readonly busy: boolean;
  readonly onFormats: (formats: readonly WalkFormat[]) => void;
  readonly onExport: () => void;
}

/** As what the walk is written. */
export function exportRow({ formats, busy, onFormats, onExport }: ExportRow): TemplateResult {
  return html`
    <div class="bar-row section" role="group" aria-label="Export the walk">
      <span class="section-title">Export</span>
      ${formatsKnown.map(([format, label, title]) => html`<label class="field" title=${title}><input type="checkbox" .checked=${formats.includes(format)}
        @change=${() => { onFormats(formatsKnown.map(([one]) => one).filter((one) => (one === format ? !formats.includes(one) : formats.includes(one)))); }}>${label}</label>`)}
      <vscode-button ?disabled=${busy || formats.length === 0} @click=${onExport} title="Write the walk beside the original">Export Walk</vscode-button>
      ${formats.length === 0 ? html`<span class="hint">Choose a format.</span>` : nothing}
    </div>`;
}
