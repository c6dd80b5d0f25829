import { html, type TemplateResult } from 'lit';
import type { OptionsInWords, RestoreRequest } from '../protocol.ts';
import { chosenMeaning } from './optionTitle.ts';

/** Options that change no restored crop: how crops come into the picture, and what is behind them. */
export const pastingOptions = ['mask', 'upscale', 'background', 'matchColours'] as const satisfies readonly (keyof RestoreRequest)[];

/** The editor shows the faces on the original, in its size. */
const exported = '. It is seen in what is exported';

/** The row of these options. */
export function pastingRow(options: RestoreRequest, words: OptionsInWords, change: (part: RestoreRequest) => void): TemplateResult {
  const choice = <Value extends string | number>(name: (typeof pastingOptions)[number], value: Value, labels: readonly (readonly [Value, string])[], where: string, chosen: (value: Value) => void): TemplateResult => {
    const label = words[name].title;
    return html`
    <label class="field" title="${chosenMeaning(words[name], value)}${where}">${label}
      <vscode-single-select position="above" label=${label} aria-label=${label} .value=${String(value)}
        @change=${(event: Event) => { const word = labels.find(([name]) => String(name) === (event.target as HTMLInputElement).value); if (word) chosen(word[0]); }}>
        ${labels.map(([name, text]) => html`<vscode-option value=${String(name)} ?selected=${name === value}>${text}</vscode-option>`)}
      </vscode-single-select>
    </label>`;
  };
  return html`
    <div class="bar-row">
      ${choice('mask', options.mask ?? 'auto', [['auto', 'Automatic'], ['parsing', 'Parts of the face'], ['oval', 'Oval']], '', (mask) => { change({ mask }); })}
      ${choice('upscale', options.upscale ?? 1, [[1, 'As it is'], [2, 'Twice as large']], exported, (upscale) => { change({ upscale }); })}
      ${choice('background', options.background ?? 'auto', [['auto', 'Automatic'], ['plain', 'The original'], ['realesrgan', 'Real-ESRGAN']], exported, (background) => { change({ background }); })}
      <vscode-checkbox label=${words.matchColours.title} title=${words.matchColours.meaning} .checked=${options.matchColours === true}
        @change=${(event: Event) => { change({ matchColours: (event.target as HTMLInputElement).checked }); }}></vscode-checkbox>
    </div>`;
}
