import { html, type TemplateResult } from 'lit';
import type { RestoreRequest } from '../protocol.ts';

/** Options that change no restored crop: how crops come into the picture, and what is behind them. */
export const pastingOptions = ['mask', 'upscale', 'background', 'matchColours'] as const satisfies readonly (keyof RestoreRequest)[];

/** The row of these options. */
export function pastingRow(options: RestoreRequest, change: (part: RestoreRequest) => void): TemplateResult {
  const choice = <Value extends string | number>(label: string, value: Value, words: readonly (readonly [Value, string])[], title: string, chosen: (value: Value) => void): TemplateResult => html`
    <label class="field" title=${title}>${label}
      <vscode-single-select position="above" label=${label} aria-label=${label} .value=${String(value)}
        @change=${(event: Event) => { const word = words.find(([name]) => String(name) === (event.target as HTMLInputElement).value); if (word) chosen(word[0]); }}>
        ${words.map(([name, text]) => html`<vscode-option value=${String(name)} ?selected=${name === value}>${text}</vscode-option>`)}
      </vscode-single-select>
    </label>`;
  return html`
    <div class="bar-row">
      ${choice('Mask', options.mask ?? 'auto', [['auto', 'Automatic'], ['parsing', 'Parts of the face'], ['oval', 'Oval']], 'Which pixels of a restored face are pasted: Automatic takes the parts of the face where ParseNet is installed', (mask) => { change({ mask }); })}
      ${choice('Size', options.upscale ?? 1, [[1, 'As it is'], [2, 'Twice as large']], 'Size of what is exported; the editor shows the faces in the size of the original', (upscale) => { change({ upscale }); })}
      ${choice('Background', options.background ?? 'auto', [['auto', 'Automatic'], ['plain', 'The original'], ['realesrgan', 'Real-ESRGAN']], 'What stands behind the faces of what is exported: Automatic takes Real-ESRGAN where it is installed and the result is enlarged', (background) => { change({ background }); })}
      <vscode-checkbox label="Match colours" title="Restored faces get the colours they have in the original" .checked=${options.matchColours === true}
        @change=${(event: Event) => { change({ matchColours: (event.target as HTMLInputElement).checked }); }}></vscode-checkbox>
    </div>`;
}
