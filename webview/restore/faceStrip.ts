import { html, nothing, type TemplateResult } from 'lit';
import { icon } from '../icon.ts';
import type { DocumentState } from '../protocol.ts';
import { gateWords } from './gateWords.ts';

/** Blob addresses of the crops of each face. */
export interface FaceCrops {
  readonly original: string | undefined;
  readonly restored: string | undefined;
}

/** The faces of a picture, each with its crop before and after; a click takes it in or leaves it out. */
export function faceStrip({ faces, leftOut }: DocumentState, crops: ReadonlyMap<number, FaceCrops>, onFace: (number: number) => void): TemplateResult {
  switch (faces.kind) {
    case 'unknown':
      return html`<div class="faces"><span class="hint">Looking for faces begins with Restore.</span></div>`;
    case 'finding':
      return html`<div class="faces"><span class="hint">${icon('loading codicon-modifier-spin')} Looking for faces</span></div>`;
    case 'found':
      if (faces.faces.length === 0) return html`<div class="faces"><span class="hint">No face was found in this picture.</span></div>`;
      return html`<div class="faces" role="group" aria-label="Faces">
        ${faces.faces.map((face) => {
          const { number, eyeDistance } = face;
          const why = gateWords(face);
          const out = leftOut.includes(number);
          const crop = crops.get(number);
          return html`<button class="face ${out ? 'out' : ''}" aria-pressed=${out ? 'false' : 'true'} aria-label="Face ${number}${out ? ', left out' : ''}${why === '' ? '' : `, ${why}`}"
            title="Face ${number}, eyes ${Math.round(eyeDistance)} px apart${why === '' ? '' : `, ${why}`}: click to ${out ? 'restore it' : 'leave it out'}" @click=${() => { onFace(number); }}>
            ${crop?.original === undefined ? html`<span class="blank"></span>` : html`<img src=${crop.original} alt="">`}
            ${crop?.restored === undefined || out ? nothing : html`<img src=${crop.restored} alt="">`}
            <span class="chip">${number} ${icon(out ? 'circle-slash' : 'check')}</span>
          </button>`;
        })}
      </div>`;
    default:
      return faces satisfies never;
  }
}
