import { html, nothing, type TemplateResult } from 'lit';
import { icon } from './icon.ts';
import type { FacesState, MediaInfo } from './protocol.ts';
import { segments } from './segments.ts';
import { timecode } from './timeline/timecode.ts';
import type { Mode } from './viewer/scene.ts';

export interface Header {
  readonly media: MediaInfo;
  readonly name: string;
  /** Name of the earlier result that is shown as restored. */
  readonly result: string | undefined;
  readonly faces: FacesState;
  readonly mode: Mode;
  readonly anythingRestored: boolean;
  readonly framesShown: boolean;
  readonly onMode: (mode: Mode) => void;
  readonly onFrames: () => void;
  readonly onFit: () => void;
  readonly onActual: () => void;
}

const modes: readonly (readonly [Mode, string, string])[] = [
  ['original', 'Original', 'The original alone'], ['split', 'Split', 'A line between original and restored (S)'],
  ['side', 'Side by Side', 'Original and restored beside each other'], ['restored', 'Restored', 'The restored picture alone; hold H to see the original'],
];

/** What the file is, and how it is looked at. */
export function header({ media, name, result, faces, mode, anythingRestored, framesShown, onMode, onFrames, onFit, onActual }: Header): TemplateResult {
  const count = faces.kind === 'found' ? faces.faces.length : undefined;
  const facts = media.kind === 'clip'
    ? [`${media.width}x${media.height}`, `${Number(media.frameRate.toFixed(2))} fps`, media.codec, ...(media.duration > 0 ? [timecode(media.duration, true)] : [])]
    : [`${media.width}x${media.height}`, media.format];
  return html`<header>
    <span class="name ellipsis" title=${media.path}>${name}</span>
    ${result === undefined ? nothing : html`<span class="hint result ellipsis" title="Shown as restored: ${result}">with ${result}</span>`}
    <span class="facts number">${facts.join('  ')}</span>
    ${count === undefined ? nothing : html`<span class="facts number">${count} ${count === 1 ? 'face' : 'faces'}</span>`}
    <span class="grow"></span>
    <span class="together"><button class="tool" title="Frames around faces (F)" aria-label="Frames around faces" aria-pressed=${framesShown ? 'true' : 'false'} @click=${onFrames}>${icon('person')}</button>
    <button class="tool" title="Fit (0)" aria-label="Fit" @click=${onFit}>${icon('screen-full')}</button>
    <button class="tool wide number" title="Actual size (1)" aria-label="1:1, actual size" @click=${onActual}>1:1</button></span>
    ${segments('What is shown', modes.map(([value, label, title]) => ({ value, label, title, disabled: value !== 'original' && !anythingRestored })), mode, onMode)}
  </header>`;
}
