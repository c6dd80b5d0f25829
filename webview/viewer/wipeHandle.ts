import { dragging } from './dragging.ts';

/** The line between two pictures, with a round handle: dragged, or moved by arrow keys. */
export class WipeHandle {
  readonly element = document.createElement('div');
  private wipe = 0.5;

  /** @param between "original and restored" @param width of the room, in CSS pixels */
  constructor(between: string, width: () => number, private readonly onWipe: (wipe: number) => void) {
    const { element } = this;
    element.className = 'wipe';
    element.tabIndex = 0;
    element.title = `Move the line between ${between} (arrow keys)`;
    for (const [name, value] of [['role', 'slider'], ['aria-label', `Line between ${between}`], ['aria-valuemin', '0'], ['aria-valuemax', '100'], ['aria-orientation', 'horizontal']] as const) element.setAttribute(name, value);
    dragging(element, (dx) => { this.move(dx / width()); });
    element.addEventListener('keydown', (event) => {
      const by = { ArrowLeft: -0.02, ArrowRight: 0.02, PageDown: -0.1, PageUp: 0.1, Home: -1, End: 1 }[event.key];
      if (by === undefined) return;
      event.preventDefault();
      event.stopPropagation();
      this.move(by);
    });
  }

  /** @param wipe share of the room's width; undefined: there is no line */
  place(wipe: number | undefined): void {
    this.element.hidden = wipe === undefined;
    if (wipe === undefined) return;
    this.wipe = wipe;
    this.element.style.left = `${wipe * 100}%`;
    this.element.setAttribute('aria-valuenow', String(Math.round(wipe * 100)));
  }

  private move(by: number): void {
    this.wipe = Math.min(1, Math.max(0, this.wipe + by));
    this.onWipe(this.wipe);
  }
}
