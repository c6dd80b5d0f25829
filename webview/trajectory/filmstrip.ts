import { html, nothing, type TemplateResult } from 'lit';
import type { WalkInfo } from '../protocol.ts';
import { timestepOf, timestepText } from './alignment.ts';
import type { PreviewPictures, SmallPicture } from './previewPictures.ts';
import { scrubber } from './scrubber.ts';

export interface Filmstrip {
  readonly info: WalkInfo;
  readonly previews: PreviewPictures | undefined;
  readonly position: number;
  /** Of the strip of states, in CSS pixels. */
  readonly width: number;
  readonly onPosition: (position: number) => void;
}

/** Narrowest and widest small picture, in CSS pixels. */
const [narrowest, widest] = [38, 56];

/** Which kept states have a place in the strip, evenly spaced; the first and the last always. */
export function cellsOf(count: number, width: number): readonly number[] {
  const cells = Math.max(2, Math.min(count, Math.floor(width / narrowest)));
  return Array.from({ length: cells }, (_, i) => (count === 1 ? 0 : Math.round((i * (count - 1)) / (cells - 1))));
}

/** The walk as figure 2 of the paper draws it: the input, the estimate, its diffusion to x_N, and from there back to x_0. */
export function filmstrip({ info, previews, position, width, onPosition }: Filmstrip): TemplateResult {
  const cells = cellsOf(info.kept.length, width);
  const side = Math.min(widest, Math.floor(width / cells.length) - 2);
  const nearest = cells.reduce((best, cell) => (Math.abs(cell - position) < Math.abs(best - position) ? cell : best), 0);
  const row = (name: string, label: TemplateResult, pick: (index: number) => SmallPicture | undefined): TemplateResult => html`
    <div class="film-row" role="group" aria-label=${name}>
      ${cells.map((cell) => {
        const order = info.kept[cell]!;
        const title = order >= info.steps.length ? 'the result, x_0' : `${name} at t = ${timestepText(timestepOf(info, order))}`;
        return html`<button class="film-cell" tabindex="-1" title=${title} aria-label=${title} aria-current=${cell === nearest ? 'step' : nothing} @click=${() => { onPosition(cell); }}>${small(pick(cell), side)}</button>`;
      })}
      <span class="film-label hint">${label}</span>
    </div>`;
  return html`
    <div class="film-lead">
      <figure><figcaption>Input <span class="hint">y<sub>0</sub></span></figcaption>${small(previews?.input, 56)}</figure>
      <span class="film-arrow" title="The backbone estimates the clean face">${arrow()}</span>
      <figure><figcaption>Estimate <span class="hint">f(y<sub>0</sub>)</span></figcaption>${small(previews?.estimate, 56)}</figure>
      <span class="film-arrow wide" title="The estimate is diffused to x_N, at t = ${info.start.t}: alphaBar ${info.start.alphaBar.toFixed(4)}">${arrow()}<span class="hint">q(x<sub>N</sub> | estimate)</span></span>
    </div>
    <div class="film-track">
      ${scrubber({ info, position, width, onPosition })}
      ${row('x_t', html`x<sub>t</sub>`, (i) => previews?.states[i]?.xT)}
      ${row('predX0', html`predX0`, (i) => previews?.states[i]?.predX0)}
      <div class="film-cursor" ?hidden=${cells.length === info.kept.length} .style=${`left: ${((position + 0.5) / info.kept.length) * 100}%`}></div>
    </div>`;
}

function small(picture: SmallPicture | undefined, side: number): TemplateResult {
  return picture ? html`<img src=${picture.address} width=${side} height=${side} alt="" draggable="false">` : html`<span class="blank" .style=${`width: ${side}px; height: ${side}px`}></span>`;
}

function arrow(): TemplateResult {
  return html`<svg class="arrow" width="100%" height="10" aria-hidden="true"><line x1="0" x2="100%" y1="5" y2="5"></line><svg x="100%" overflow="visible"><path d="M-6 1 L0 5 L-6 9"></path></svg></svg>`;
}
