import type { Embedded, Shown } from '../protocol.ts';
import { WipeHandle } from '../viewer/wipeHandle.ts';
import { pictureOf } from './embedded.ts';

/** Highest, in CSS pixels: two of them and their recipes fit a screen. */
const highest = 420;

/** A picture, with its original to the left of a line that can be moved. */
export function beforeAfter({ after, before, text }: Shown & { readonly kind: 'picture' }): HTMLElement {
  const room = pictureRoom(after);
  room.append(pictureOf(after, before ? '' : text));
  if (before) {
    room.setAttribute('role', 'group');
    room.setAttribute('aria-label', text);
    addWipe(room, pictureOf(before, ''));
  }
  return room;
}

/** Room for a picture of these pixels: as large as it is, unless that is too large. */
export function pictureRoom({ width, height }: Pick<Embedded, 'width' | 'height'>): HTMLElement {
  const room = document.createElement('div');
  room.className = 'picture-room';
  room.style.width = `${Math.min(width, Math.round((highest * width) / Math.max(1, height)))}px`;
  room.style.aspectRatio = `${width} / ${height}`;
  return room;
}

/** Lays what was before over a room, up to a line. */
export function addWipe(room: HTMLElement, before: HTMLElement): void {
  before.classList.add('before');
  const place = (share: number): void => {
    before.style.clipPath = `inset(0 ${(1 - share) * 100}% 0 0)`;
    handle.place(share);
  };
  const handle = new WipeHandle('original and restored', () => room.clientWidth, place);
  room.append(before, handle.element);
  place(0.5);
}
