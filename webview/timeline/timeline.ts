import { html, nothing, svg, type SVGTemplateResult, type TemplateResult } from 'lit';
import type { FrameIndex } from '../player/frameIndex.ts';
import type { DocumentState, FoundFace } from '../protocol.ts';
import { gateWords } from '../restore/gateWords.ts';
import type { FrameRuns } from './frameRuns.ts';
import { slotsWithin, thumbnailHeight, type Slot, type Stretch, type Thumbnails } from './thumbnails.ts';
import { timecode } from './timecode.ts';

export interface Timeline {
  readonly index: FrameIndex;
  readonly position: number;
  readonly inPoint: number | undefined;
  readonly outPoint: number | undefined;
  readonly zoom: number;
  /** Of the lanes, in CSS pixels. */
  readonly width: number;
  readonly document: DocumentState;
  readonly restored: FrameRuns;
  readonly thumbnails: Thumbnails;
  /** What can be seen of the lanes. */
  readonly seen: Stretch;
  /** Another part of the lanes is seen. */
  readonly onScroll: () => void;
  readonly onSeek: (frame: number) => void;
  readonly onLane: (number: number) => void;
  readonly onFindFaces: () => void;
  readonly onCancel: () => void;
}

/** Heights in CSS pixels. */
const [rulerHeight, stripHeight, laneHeight] = [18, thumbnailHeight + 2, 24];

/** Ruler, small pictures and a lane for each face: where it is seen, where it is bridged, where it is restored. */
export function timeline(line: Timeline): TemplateResult {
  const { document: { faces, leftOut }, zoom } = line;
  const found = faces.kind === 'found' ? faces.faces : [];
  const height = rulerHeight + stripHeight + laneHeight * found.length;
  return html`
    <div class="timeline">
      <div class="lane-heads">
        <div class="lane-space">${faces.kind === 'unknown' ? html`<button class="link" title="Looks at every frame; Restore does it too" @click=${line.onFindFaces}>Find Faces</button>`
          : faces.kind === 'finding' ? html`<button class="link number" title="Looking for faces: click to stop (Escape)" @click=${line.onCancel}>Looking ${Math.floor(faces.done * 100)} %</button>`
          : found.length === 0 ? html`<span class="hint">No faces</span>` : nothing}</div>
        ${found.map((face) => {
          const { number } = face;
          const why = gateWords(face);
          const out = leftOut.includes(number);
          return html`<button class="lane-head ${out ? 'out' : ''}" aria-pressed=${out ? 'false' : 'true'} aria-label="Face ${number}${out ? ', left out' : ''}"
            title=${out ? `Face ${number} is left out${why === '' ? '' : `, ${why}`}: click to restore it` : `Face ${number}: click to leave it out`} @click=${() => { line.onLane(number); }}>
            <span class="swatch track-${(number - 1) % 6}"></span>${out ? 'left out' : `Face ${number}`}</button>`;
        })}
      </div>
      <div class="lanes" tabindex="-1" @scroll=${line.onScroll}>
        <svg width="${zoom * 100}%" height=${height} role="slider" tabindex="0" aria-label="Playhead" aria-valuemin="0" aria-valuemax=${line.index.count - 1} aria-valuenow=${line.position}
          aria-valuetext="frame ${line.position + 1} of ${line.index.count}" @pointerdown=${(event: PointerEvent) => { scrub(event, line); }}>
          ${ruler(line)} ${strip(line)} ${found.map((face, i) => lane(line, face, rulerHeight + stripHeight + i * laneHeight))} ${part(line, height)}
          <line class="playhead" x1=${at(line, line.position)} x2=${at(line, line.position)} y1="0" y2=${height}></line>
        </svg>
      </div>
    </div>`;
}

/** Where a frame begins, in percent of the width. */
function at({ index }: Timeline, frame: number): string {
  return `${((frame >= index.count ? index.duration : index.seconds(frame)) / index.duration) * 100}%`;
}

function width({ index }: Timeline, first: number, last: number): string {
  const end = last + 1 >= index.count ? index.duration : index.seconds(last + 1);
  return `${Math.max(0.15, ((end - index.seconds(first)) / index.duration) * 100)}%`;
}

function ruler({ index: { duration }, zoom, width: room }: Timeline): SVGTemplateResult[] {
  const step = [0.1, 0.25, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 1800].find((seconds) => (duration / seconds) * 72 < room * zoom) ?? 3600;
  return Array.from({ length: Math.floor(duration / step) + 1 }, (_, i) => {
    const x = `${((i * step) / duration) * 100}%`;
    return svg`<line class="tick" x1=${x} x2=${x} y1="4" y2=${rulerHeight}></line><text class="tick-text" x=${x} dx="4" y="13">${timecode(i * step, step < 1)}</text>`;
  });
}

/** Places of the small pictures that are seen, and a few beside them. */
export function seenSlots({ thumbnails: { size }, index: { duration }, zoom, width: room, seen }: Pick<Timeline, 'thumbnails' | 'index' | 'zoom' | 'width' | 'seen'>): readonly Slot[] {
  return slotsWithin({ left: seen.left - size.width, width: seen.width + 2 * size.width }, room * zoom, size.width, duration);
}

function strip(line: Timeline): SVGTemplateResult[] {
  const { thumbnails, index: { duration }, zoom, width: room } = line;
  const { width: each } = thumbnails.size;
  const near = (2 * each * duration) / (room * zoom);
  return seenSlots(line).map(({ x, seconds }) => {
    const address = thumbnails.at(seconds, near);
    return address === undefined
      ? svg`<rect class="thumbnail-blank" x=${x} y=${rulerHeight} width=${each} height=${thumbnailHeight}></rect>`
      : svg`<image href=${address} x=${x} y=${rulerHeight} width=${each} height=${thumbnailHeight} preserveAspectRatio="xMidYMid slice"></image>`;
  });
}

function lane(line: Timeline, { number, first, boxes, bridged }: FoundFace, y: number): SVGTemplateResult {
  const out = line.document.leftOut.includes(number);
  const last = first + boxes.length - 1;
  const colour = `track-${(number - 1) % 6}${out ? ' out' : ''}`;
  const done = out ? [] : line.restored.within(first, last);
  return svg`
    <rect class="seen ${colour}" x=${at(line, first)} y=${y + 5} width=${width(line, first, last)} height=${laneHeight - 12} rx="3"></rect>
    ${done.map(([from, to]) => svg`<rect class="restored ${colour}" x=${at(line, from)} y=${y + 5} width=${width(line, from, to)} height=${laneHeight - 12} rx="3"></rect>`)}
    ${bridged.map(([from, to]) => svg`<line class="bridged" x1=${at(line, from)} x2=${at(line, to + 1)} y1=${y + laneHeight / 2 - 1} y2=${y + laneHeight / 2 - 1}></line>`)}`;
}

function part(line: Timeline, height: number): SVGTemplateResult | typeof nothing {
  const { inPoint, outPoint, index } = line;
  if (inPoint === undefined && outPoint === undefined) return nothing;
  const [first, last] = [inPoint ?? 0, outPoint ?? index.count - 1];
  return svg`
    <rect class="outside" x="0" y="0" width=${at(line, first)} height=${height}></rect>
    <rect class="outside" x=${at(line, last + 1)} y="0" width="100%" height=${height}></rect>
    <rect class="inside" x=${at(line, first)} y="1" width=${width(line, first, last)} height="3"></rect>`;
}

/** A press or a drag moves the playhead. */
function scrub(event: PointerEvent, { index, onSeek }: Timeline): void {
  const element = event.currentTarget as SVGElement;
  element.focus();
  element.setPointerCapture(event.pointerId);
  const seek = ({ clientX }: PointerEvent): void => {
    const { left, width: wide } = element.getBoundingClientRect();
    onSeek(index.at(Math.min(1, Math.max(0, (clientX - left) / wide)) * index.duration));
  };
  seek(event);
  element.addEventListener('pointermove', seek);
  element.addEventListener('lostpointercapture', () => {
    element.removeEventListener('pointermove', seek);
  }, { once: true });
}
