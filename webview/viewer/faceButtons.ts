import { dragging } from './dragging.ts';
import type { Rect, Size } from './panZoom.ts';

/** A face drawn over the picture: a button that takes it in or leaves it out. */
export interface FaceFrame {
  readonly number: number;
  /** In pixels of the picture. */
  readonly box: Rect;
  readonly leftOut: boolean;
}

export interface FaceListener {
  readonly onFace: (number: number) => void;
  /** By CSS pixels: what begins on a face and goes on is a drag of the picture. */
  readonly onDrag: (dx: number, dy: number) => void;
}

/** How far the pointer may move in a click, in CSS pixels. */
const still = 4;

/** The faces as buttons over the picture, within the room of the original. */
export class FaceButtons {
  readonly element = document.createElement('div');
  private readonly buttons = new Map<number, HTMLButtonElement>();

  constructor(private readonly listener: FaceListener) {
    this.element.className = 'overlay';
  }

  place({ faces, framesShown, size }: { readonly faces: readonly FaceFrame[]; readonly framesShown: boolean; readonly size: Size }, at: Rect, room: Size): void {
    this.element.style.width = `${room.width}px`;
    const scale = at.width / size.width;
    const shown = new Set(framesShown ? faces.map(({ number }) => number) : []);
    for (const [number, button] of this.buttons) {
      if (shown.has(number)) continue;
      button.remove();
      this.buttons.delete(number);
    }
    if (!framesShown) return;
    for (const { number, box, leftOut } of faces) {
      const button = this.buttons.get(number) ?? this.add(number);
      button.style.left = `${at.x + box.x * scale}px`;
      button.style.top = `${at.y + box.y * scale}px`;
      button.style.width = `${box.width * scale}px`;
      button.style.height = `${box.height * scale}px`;
      button.classList.toggle('out', leftOut);
      button.querySelector('i')!.hidden = !leftOut;
      button.setAttribute('aria-pressed', String(!leftOut));
      button.title = leftOut ? `Face ${number} is left out: click to restore it` : `Face ${number}: click to leave it out`;
      button.setAttribute('aria-label', `Face ${number}${leftOut ? ', left out' : ''}`);
    }
  }

  private add(number: number): HTMLButtonElement {
    const button = document.createElement('button');
    button.className = 'face-frame';
    const chip = document.createElement('span');
    const mark = document.createElement('i');
    mark.className = 'codicon codicon-circle-slash';
    mark.hidden = true;
    chip.append(String(number), mark);
    button.append(chip);
    let moved = 0;
    button.addEventListener('pointerdown', () => { moved = 0; });
    dragging(button, (dx, dy) => {
      moved += Math.abs(dx) + Math.abs(dy);
      if (moved > still) this.listener.onDrag(dx, dy);
    });
    button.addEventListener('click', () => {
      if (moved <= still) this.listener.onFace(number);
      moved = 0;
    });
    this.element.append(button);
    this.buttons.set(number, button);
    return button;
  }
}
