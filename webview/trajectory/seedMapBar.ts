import { html, nothing, type TemplateResult } from 'lit';
import { icon } from '../icon.ts';
import type { RestoreRequest } from '../protocol.ts';
import { shareAbove, type SeedMap } from './seedMap.ts';
import type { TrajectoryState } from './trajectoryState.ts';

export interface SeedMapBar {
  readonly state: TrajectoryState;
  readonly map: SeedMap | undefined;
  readonly working: boolean;
  readonly failure: string | undefined;
  /** Another job is under way. */
  readonly busy: boolean;
  /** What the picture has. */
  readonly used: RestoreRequest['blend'];
  readonly onState: (part: Partial<TrajectoryState>) => void;
  readonly onMake: () => void;
  readonly onUse: (blend: { readonly seeds: number; readonly above: number } | null) => void;
}

/** Makes the seed map, lays it over the result, and blends the estimate in where the seeds disagree. */
export function seedMapBar({ state, map, working, failure, busy, used, onState, onMake, onUse }: SeedMapBar): TemplateResult {
  const peak = Math.max(0.05, map?.info.peak ?? 0.5);
  const slider = (label: string, value: number, high: number, shown: string, change: (value: number) => void, title: string): TemplateResult => html`
    <label class="field" title=${title}>${label} <input type="range" min="0" max=${high} step=${high / 200} aria-label=${label} aria-valuetext=${shown} .value=${String(value)} @input=${(event: Event) => { change(Number((event.target as HTMLInputElement).value)); }}><output class="number">${shown}</output></label>`;
  return html`
    <div class="bar-row section" role="group" aria-label="Seed map">
      <span class="section-title">Seed Map</span>
      <label class="field" title="So many restorations that differ in their seeds, 2 to 64">Seeds <input class="short number" type="number" min="2" max="64" step="1" aria-label="Seeds of the map" .value=${String(state.seeds)}
        @change=${(event: Event) => { onState({ seeds: Math.min(64, Math.max(2, Math.round(Number((event.target as HTMLInputElement).value)) || 8)), mapped: false }); }}></label>
      <vscode-button secondary ?disabled=${working || busy || map?.info.seeds.length === state.seeds} @click=${onMake} title="Restores the face with that many seeds">${working ? 'Working' : map?.info.seeds.length === state.seeds ? 'Made' : 'Make Map'}</vscode-button>
      ${map ? html`
        <button class="tool wide" aria-pressed=${state.overlay ? 'true' : 'false'} title="Lay the deviation over predX0 and result" @click=${() => { onState({ overlay: !state.overlay }); }}>${icon('layers')} Overlay</button>
        ${state.overlay ? slider('Opacity', state.opacity, 1, `${Math.round(state.opacity * 100)} %`, (opacity) => { onState({ opacity }); }, 'How strongly the deviation covers the picture') : nothing}
        ${slider('Above', Math.min(state.above, peak), peak, state.above.toFixed(3), (above) => { onState({ above }); }, 'Where the deviation is above, the blend has the backbone\'s estimate')}
        <span class="number hint share">${Math.round(100 * shareAbove(map, state.above))} % of the face; mean ${map.info.meanDeviation.toFixed(3)}, peak ${map.info.peak.toFixed(3)}</span>
        <button class="link" ?disabled=${busy} title="All faces of the picture get the estimate where the seeds disagree" @click=${() => { onUse({ seeds: map.info.seeds.length, above: state.above }); }}>${icon('check')} Use Blend</button>` : nothing}
      ${used !== undefined && used !== 'none' ? html`<span class="badge number" title="All faces have the estimate where so many seeds deviate by more">in the picture: ${used.seeds} seeds, above ${used.above.toFixed(3)}</span>
        <button class="link" ?disabled=${busy} title="Blend the estimate in nowhere" @click=${() => { onUse(null); }}>None</button>` : nothing}
      ${failure === undefined ? nothing : html`<span class="failure" role="alert" title=${failure}>${icon('error')} ${failure}</span>`}
    </div>`;
}
