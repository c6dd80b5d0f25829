import { html, nothing, type TemplateResult } from 'lit';
import { icon } from '../icon.ts';
import type { Turn, WalkInfo } from '../protocol.ts';
import { segments } from '../segments.ts';
import { timestepText } from './alignment.ts';
import type { TrajectoryContext } from './trajectoryContext.ts';
import { samplerTitles } from './turns.ts';

/** Which walk it is, and how it is looked at as a whole. */
export function walkHeader({ context, info, turns }: { readonly context: TrajectoryContext; readonly info: WalkInfo | undefined; readonly turns: readonly Turn[] }): TemplateResult {
  const { of, faces, clip, state, inEditor, onState, onFace, onBack, tell } = context;
  const frame = (by: -1 | 1): TemplateResult => {
    const title = by < 0 ? 'The frame before' : 'The next frame';
    const to = of.frame + by;
    return html`<button class="tool" title=${title} aria-label=${title} ?disabled=${!clip || to < clip.first || to > clip.last} @click=${() => { clip?.onFrame(to); }}>${icon(by < 0 ? 'chevron-left' : 'chevron-right')}</button>`;
  };
  return html`
    <div class="bar-row trajectory-header">
      ${faces.length > 1 ? segments('Face', faces.map((face) => ({ value: face, label: `Face ${face}`, title: `The walk of face ${face}` })), of.face, onFace)
        : html`<span class="number name">Face ${of.face}</span>`}
      ${clip ? html`<span class="together">${frame(-1)}<span class="number frame-number" title=${clip.timecode(of.frame)}>frame ${of.frame + 1}</span>${frame(1)}</span>` : nothing}
      ${info ? html`<span class="facts number ellipsis" title=${factsOf(info, turns)}>${factsOf(info, turns)}</span>` : html`<span class="grow"></span>`}
      ${clip ? segments('Steps of a frame or of many', [{ value: false, label: 'Steps', title: 'The steps of one frame' }, { value: true, label: 'Grid', title: 'Steps across, frames down: where flicker is born' }], state.grid, (grid) => { onState({ grid }); }) : nothing}
      ${inEditor ? html`<span class="together">
        <button class="tool" title="Open to the side" aria-label="Open to the side" @click=${() => { tell({ kind: 'trajectoryPanel', of }); }}>${icon('split-horizontal')}</button>
        <button class="tool" title="Back to the picture (T)" aria-label="Back to the picture" @click=${onBack}>${icon('close')}</button></span>` : nothing}
    </div>`;
}

/** "seed 12345 · DDIM eta 0.5 · start 100 of the chain, t 400 · 17 steps · float32, 6.7 MB" */
export function factsOf(info: WalkInfo, turns: readonly Turn[]): string {
  const { steps, start, precision, bytes, kept } = info;
  const first = steps[0];
  const facts = first ? [`seed ${first.seed}`, `${samplerTitles[first.sampler]}${first.sampler === 'ddim' ? ` eta ${first.eta}` : ''}`] : [];
  const last = turns.at(-1);
  return [
    ...facts, `start ${start.index} of the chain, t ${timestepText(start.t)}`, `${steps.length} steps${kept.length <= steps.length ? `, ${kept.length - 1} kept` : ''}`,
    ...(last ? [`from t ${timestepText(steps[last.at]?.t ?? 0)} on ${samplerTitles[last.sampler]}${last.sampler === 'ddim' ? ` eta ${last.eta}` : ''}, seed ${last.seed}`] : []),
    `${precision}, ${(bytes / 1e6).toFixed(1)} MB`,
  ].join(' · ');
}
