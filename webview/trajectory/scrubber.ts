import { html, svg, type TemplateResult } from 'lit';
import type { WalkInfo } from '../protocol.ts';
import { timestepOf, timestepText } from './alignment.ts';

export interface Scrubber {
  readonly info: WalkInfo;
  /** Place of the cursor among the kept states. */
  readonly position: number;
  /** In CSS pixels. */
  readonly width: number;
  readonly onPosition: (position: number) => void;
}

/** Where a kept state lies along the strip, in percent of its width. */
export function placeOf({ kept }: WalkInfo, position: number): string {
  return `${((position + 0.5) / kept.length) * 100}%`;
}

/** "step 5 of 17, t = 204" */
export function stepText(info: WalkInfo, order: number): string {
  const count = info.steps.length;
  return order >= count ? `the result, x_0, after ${count} steps` : `step ${order + 1} of ${count}, t = ${timestepText(timestepOf(info, order))}`;
}

/** A line with the kept states; a press or a drag moves the cursor. */
export function scrubber({ info, position, width, onPosition }: Scrubber): TemplateResult {
  const { kept } = info;
  const last = kept.length - 1;
  const every = Math.max(1, Math.ceil(kept.length / Math.max(2, width / 46)));
  const labelled = (i: number): boolean => i === last || (i % every === 0 && (last - i) * (width / kept.length) > 30);
  return html`
    <svg class="scrubber" height="30" width="100%" role="slider" tabindex="0" aria-label="Step" aria-valuemin="0" aria-valuemax=${last} aria-valuenow=${position} aria-valuetext=${stepText(info, kept[position]!)}
      @pointerdown=${(event: PointerEvent) => { scrub(event, event.currentTarget as SVGElement, kept.length, onPosition); }}>
      <title>Steps: Left and Right, with Shift or Page Down and Page Up ten; Home, End; Space plays</title>
      <line class="scrubber-track" x1="0" x2="100%" y1="22" y2="22"></line>
      <line class="scrubber-walked" x1=${placeOf(info, 0)} x2=${placeOf(info, position)} y1="22" y2="22"></line>
      ${kept.map((order, i) => {
        const x = placeOf(info, i);
        return svg`<line class="tick" x1=${x} x2=${x} y1=${labelled(i) ? 17 : 20} y2="24"></line>${labelled(i) ? svg`<text class="tick-text" x=${x} y="11" text-anchor="middle">${i === last ? 'x₀' : i === 0 && width > 200 ? `t ${timestepText(timestepOf(info, order))}` : timestepText(timestepOf(info, order))}</text>` : ''}`;
      })}
      <circle class="scrubber-thumb" cx=${placeOf(info, position)} cy="22" r="6"></circle>
    </svg>`;
}

/** The kept state that lies at a share of the strip's width. */
export function positionAt(share: number, count: number): number {
  return Math.min(count - 1, Math.max(0, Math.floor(share * count)));
}

/** Follows the pointer along an element until it is released. */
export function scrub(event: PointerEvent, element: HTMLElement | SVGElement, count: number, onPosition: (position: number) => void): void {
  if (event.button > 0) return;
  element.focus();
  element.setPointerCapture(event.pointerId);
  const seek = ({ clientX }: PointerEvent): void => {
    const { left, width } = element.getBoundingClientRect();
    onPosition(positionAt((clientX - left) / width, count));
  };
  seek(event);
  const move = (moved: Event): void => { seek(moved as PointerEvent); };
  element.addEventListener('pointermove', move);
  element.addEventListener('lostpointercapture', () => { element.removeEventListener('pointermove', move); }, { once: true });
}
