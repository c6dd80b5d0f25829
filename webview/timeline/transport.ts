import { html, nothing, type TemplateResult } from 'lit';
import { icon } from '../icon.ts';
import type { FrameIndex } from '../player/frameIndex.ts';
import type { Player } from '../player/player.ts';
import { timecode } from './timecode.ts';

export interface Transport {
  readonly player: Player;
  readonly index: FrameIndex;
  readonly sound: boolean;
  readonly inPoint: number | undefined;
  readonly outPoint: number | undefined;
  readonly zoom: number;
  readonly onPlay: () => void;
  readonly onIn: () => void;
  readonly onOut: () => void;
  readonly onClear: () => void;
  readonly onZoom: (zoom: number) => void;
}

/** Buttons that move the playhead, where it stands, and the part that is to be restored. */
export function transport({ player, index, sound, inPoint, outPoint, zoom, onPlay, onIn, onOut, onClear, onZoom }: Transport): TemplateResult {
  const tool = (name: string, title: string, act: () => void, pressed?: boolean): TemplateResult =>
    html`<button class="tool" title=${title} aria-label=${title} aria-pressed=${pressed === undefined ? nothing : pressed ? 'true' : 'false'} @click=${act}>${icon(name)}</button>`;
  const seconds = index.seconds(player.position);
  return html`
    <div class="bar-row transport">
      ${tool('debug-reverse-continue', 'First frame (Home)', () => { player.seek(0); })}
      ${tool('chevron-left', 'One frame back (Left)', () => { player.step(-1); })}
      ${tool(player.playing ? 'debug-pause' : 'play', player.playing ? 'Pause (Space)' : 'Play (Space)', onPlay)}
      ${tool('chevron-right', 'One frame on (Right)', () => { player.step(1); })}
      ${tool('debug-continue', 'Last frame (End)', () => { player.seek(index.count - 1); })}
      <span class="number time" title="Time of this frame">${timecode(seconds, true)}</span>
      <span class="number hint">frame ${player.position + 1} / ${index.exact ? '' : '~'}${index.count}</span>
      ${player.playing && player.rate !== 1 ? html`<span class="number hint">${player.rate}x</span>` : nothing}
      ${sound ? tool(player.muted ? 'mute' : 'unmute', player.muted ? 'Sound is off (M)' : 'Sound is on (M)', () => { player.setMuted(!player.muted); }, player.muted) : nothing}
      <span class="grow"></span>
      <span class="together"><button class="link" title="The part to restore begins at this frame (I)" @click=${onIn}>In${inPoint === undefined ? '' : html` <span class="number">${inPoint + 1}</span>`}</button>
      <button class="link" title="The part to restore ends at this frame (O)" @click=${onOut}>Out${outPoint === undefined ? '' : html` <span class="number">${outPoint + 1}</span>`}</button></span>
      ${inPoint === undefined && outPoint === undefined ? nothing : tool('close', 'Restore all of the clip again', onClear)}
      <label class="field" title="How far the timeline is drawn apart">${icon('zoom-in')}
        <input type="range" min="0" max="5" step="0.25" aria-label="Zoom of the timeline" .value=${String(Math.log2(zoom))} @input=${(event: Event) => { onZoom(2 ** Number((event.target as HTMLInputElement).value)); }}>
      </label>
    </div>`;
}
