import { html, type TemplateResult } from 'lit';
import type { ClipContent } from './clipContent.ts';
import type { KeptState } from './editorState.ts';
import type { DocumentState } from './protocol.ts';
import type { FrameRuns } from './timeline/frameRuns.ts';
import { seenSlots, timeline } from './timeline/timeline.ts';
import { transport } from './timeline/transport.ts';

export interface ClipSection {
  readonly clip: ClipContent;
  readonly kept: KeptState;
  readonly document: DocumentState;
  readonly restored: FrameRuns;
  readonly sound: boolean;
  /** Of the lanes, in CSS pixels. */
  readonly width: number;
  /** The lanes as they are on the page; undefined until they are. */
  readonly lanes: Element | null;
  readonly onPlay: () => void;
  readonly onIn: () => void;
  readonly onOut: () => void;
  readonly onKeep: (part: Partial<KeptState>) => void;
  readonly onScroll: () => void;
  readonly onLane: (number: number) => void;
  readonly onFindFaces: () => void;
  readonly onCancel: () => void;
}

/** Below the frames of a clip: what moves the playhead, and the timeline. */
export function clipSection({ clip, kept, document, restored, sound, width, lanes, onPlay, onIn, onOut, onKeep, onScroll, onLane, onFindFaces, onCancel }: ClipSection): TemplateResult {
  const { player, index, thumbnails } = clip;
  const { inPoint, outPoint, timelineZoom: zoom } = kept;
  const seen = { left: lanes?.scrollLeft ?? 0, width };
  thumbnails.want(seenSlots({ thumbnails, index, zoom, width, seen }).map(({ seconds }) => seconds));
  return html`
    ${transport({
      player, index, sound, inPoint, outPoint, zoom, onPlay, onIn, onOut,
      onClear: () => { onKeep({ inPoint: undefined, outPoint: undefined }); }, onZoom: (timelineZoom) => { onKeep({ timelineZoom }); },
    })}
    ${timeline({
      index, position: player.position, inPoint, outPoint, zoom, width, document, restored, thumbnails, seen, onScroll, onLane, onFindFaces, onCancel,
      onSeek: (frame) => {
        onKeep({ following: false });
        player.seek(frame);
      },
    })}`;
}

/** A timeline that is drawn apart goes with the playhead. */
export function showPlayhead(lanes: Element, { index, player }: ClipContent): void {
  const x = (index.seconds(player.position) / index.duration) * lanes.scrollWidth;
  if (x < lanes.scrollLeft + 8 || x > lanes.scrollLeft + lanes.clientWidth - 8) lanes.scrollLeft = x - lanes.clientWidth / 3;
}

/** Plays the part between in and out point, where there is one and the playhead is before its end; stops what plays. */
export function togglePlay({ player, index }: ClipContent, { inPoint, outPoint }: Pick<KeptState, 'inPoint' | 'outPoint'>): void {
  if (player.playing) {
    player.pause();
    return;
  }
  if (inPoint !== undefined && player.position >= (outPoint ?? index.count - 1)) player.seek(inPoint);
  player.play(1, outPoint !== undefined && player.position < outPoint ? outPoint : undefined);
}
