import { fitting, panned, placed, zoomedAt, zoomOf, type Rect, type Size, type View } from './panZoom.ts';

export type Mode = 'original' | 'split' | 'side' | 'restored';

/** A face drawn over the picture: a button that takes it in or leaves it out. */
export interface FaceFrame {
  readonly number: number;
  /** In pixels of the picture. */
  readonly box: Rect;
  readonly leftOut: boolean;
}

export interface Scene {
  /** Size of the picture as it is shown, in its own pixels; what is drawn may be a scaled version of it. */
  readonly size: Size;
  /** Number of the frame that is drawn. */
  readonly frame: number;
  readonly original: ImageBitmap | undefined;
  readonly restored: ImageBitmap | undefined;
  readonly mode: Mode;
  /** 0 .. 1: how much of the restored picture is blended in. */
  readonly strength: number;
  readonly faces: readonly FaceFrame[];
  readonly framesShown: boolean;
}

export interface StageListener {
  readonly onView: (view: View) => void;
  readonly onWipe: (wipe: number) => void;
  readonly onFace: (number: number) => void;
}

/** Shows original and restored picture in a canvas: pan, zoom, wipe, side by side, and the faces as buttons over it. */
export class Stage {
  private readonly canvas = document.createElement('canvas');
  private readonly overlay = document.createElement('div');
  private readonly handle = document.createElement('div');
  private readonly buttons = new Map<number, HTMLButtonElement>();
  private scene: Scene | undefined;
  private requested = 0;
  private peeking = false;

  view: View = fitting;
  /** Where the line between original and restored stands: share of the window's width. */
  wipe = 0.5;

  constructor(readonly element: HTMLElement, private readonly listener: StageListener) {
    this.overlay.className = 'overlay';
    this.handle.className = 'wipe';
    this.handle.tabIndex = 0;
    this.handle.title = 'Move the line between original and restored (arrow keys)';
    for (const [name, value] of [['role', 'slider'], ['aria-label', 'Line between original and restored'], ['aria-valuemin', '0'], ['aria-valuemax', '100'], ['aria-orientation', 'horizontal']] as const) this.handle.setAttribute(name, value);
    element.append(this.canvas, this.overlay, this.handle);
    new ResizeObserver(() => {
      this.draw();
    }).observe(element);
    this.listen();
  }

  show(scene: Scene): void {
    this.scene = scene;
    this.draw();
  }

  /** While true the original alone is shown. */
  peek(on: boolean): void {
    this.peeking = on;
    this.draw();
  }

  setView(view: View): void {
    this.view = view;
    this.listener.onView(view);
    this.draw();
  }

  /** @param pixels CSS pixels of a picture's pixel */
  zoomTo(pixels: number): void {
    const { scene, window } = this;
    if (scene) this.setView(zoomedAt(this.view, pixels / zoomOf(this.view, scene.size, window), { x: window.width / 2, y: window.height / 2 }, scene.size, window));
  }

  zoomBy(factor: number, at?: { readonly x: number; readonly y: number }): void {
    const { scene, window } = this;
    if (scene) this.setView(zoomedAt(this.view, factor, at ?? { x: window.width / 2, y: window.height / 2 }, scene.size, window));
  }

  panBy(dx: number, dy: number): void {
    if (this.scene) this.setView(panned(this.view, dx, dy, this.scene.size, this.window));
  }

  get zoom(): number {
    return this.scene ? zoomOf(this.view, this.scene.size, this.window) : 1;
  }

  /** Room for one picture, in CSS pixels. */
  get window(): Size {
    const { clientWidth: width, clientHeight: height } = this.element;
    return { width: this.scene?.mode === 'side' ? width / 2 : width, height };
  }

  private get mode(): Mode {
    return this.peeking ? 'original' : (this.scene?.mode ?? 'original');
  }

  /** All changes until the next frame of the screen are drawn at once. */
  private draw(): void {
    if (this.requested !== 0) return;
    this.requested = requestAnimationFrame(() => {
      this.requested = 0;
      this.paint();
    });
  }

  private paint(): void {
    const { canvas, element, scene } = this;
    const ratio = devicePixelRatio;
    const [width, height] = [Math.round(element.clientWidth * ratio), Math.round(element.clientHeight * ratio)];
    if (canvas.width !== width || canvas.height !== height) [canvas.width, canvas.height] = [width, height];
    const context = canvas.getContext('2d')!;
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.clearRect(0, 0, width, height);
    this.handle.hidden = this.mode !== 'split' || !scene?.restored;
    if (!scene) return;
    if (drawable(scene.original) && element.dataset['frame'] === undefined) performance.mark('difface-first-frame');
    if (drawable(scene.original)) element.dataset['frame'] = String(scene.frame);
    context.scale(ratio, ratio);
    const window = this.window;
    const at = placed(this.view, scene.size, window);
    context.imageSmoothingEnabled = at.width / scene.size.width < 2;
    context.imageSmoothingQuality = 'high';
    const clip = (x: number, room: number, paint: () => void): void => {
      context.save();
      context.beginPath();
      context.rect(x, 0, room, window.height);
      context.clip();
      paint();
      context.restore();
    };
    const original = (x = 0): void => {
      if (drawable(scene.original)) context.drawImage(scene.original, at.x + x, at.y, at.width, at.height);
    };
    const restored = (x = 0): void => {
      original(x);
      if (!drawable(scene.restored)) return;
      context.globalAlpha = scene.strength;
      context.drawImage(scene.restored, at.x + x, at.y, at.width, at.height);
      context.globalAlpha = 1;
    };
    switch (this.mode) {
      case 'original':
        if (scene.mode === 'side') clip(0, window.width, original);
        else original();
        break;
      case 'restored':
        restored();
        break;
      case 'split': {
        const line = this.wipe * window.width;
        clip(0, line, original);
        clip(line, window.width - line, restored);
        break;
      }
      case 'side':
        clip(0, window.width - 1, original);
        clip(window.width + 1, window.width - 1, () => {
          restored(window.width);
        });
        break;
      default:
        this.mode satisfies never;
    }
    this.handle.style.left = `${this.wipe * 100}%`;
    this.handle.setAttribute('aria-valuenow', String(Math.round(this.wipe * 100)));
    this.placeFaces(scene, at);
  }

  private placeFaces({ faces, framesShown, size }: Scene, at: Rect): void {
    const scale = at.width / size.width;
    const shown = new Set(framesShown ? faces.map(({ number }) => number) : []);
    for (const [number, button] of this.buttons) {
      if (shown.has(number)) continue;
      button.remove();
      this.buttons.delete(number);
    }
    if (!framesShown) return;
    for (const { number, box, leftOut } of faces) {
      const button = this.buttons.get(number) ?? this.faceButton(number);
      button.style.left = `${at.x + box.x * scale}px`;
      button.style.top = `${at.y + box.y * scale}px`;
      button.style.width = `${box.width * scale}px`;
      button.style.height = `${box.height * scale}px`;
      button.classList.toggle('out', leftOut);
      button.setAttribute('aria-pressed', String(!leftOut));
      button.title = leftOut ? `Face ${number} is left out: click to restore it` : `Face ${number}: click to leave it out`;
      button.setAttribute('aria-label', `Face ${number}${leftOut ? ', left out' : ''}`);
    }
  }

  private faceButton(number: number): HTMLButtonElement {
    const button = document.createElement('button');
    button.className = 'face-frame';
    const chip = document.createElement('span');
    chip.textContent = String(number);
    button.append(chip);
    // what begins on a face and goes on is a drag of the picture
    let moved = 0;
    button.addEventListener('pointerdown', () => {
      moved = 0;
    });
    dragging(button, (dx, dy) => {
      moved += Math.abs(dx) + Math.abs(dy);
      if (moved > 4) this.panBy(dx, dy);
    });
    button.addEventListener('click', () => {
      if (moved <= 4) this.listener.onFace(number);
      moved = 0;
    });
    this.overlay.append(button);
    this.buttons.set(number, button);
    return button;
  }

  private setWipe(wipe: number): void {
    this.wipe = Math.min(1, Math.max(0, wipe));
    this.listener.onWipe(this.wipe);
    this.draw();
  }

  private listen(): void {
    const { element, handle } = this;
    element.addEventListener('wheel', (event) => {
      event.preventDefault();
      const bounds = element.getBoundingClientRect();
      const pixels = event.deltaMode === 1 ? event.deltaY * 16 : event.deltaY;
      this.zoomBy(Math.exp(-pixels * (event.ctrlKey ? 0.01 : 0.002)), { x: (event.clientX - bounds.left) % this.window.width, y: event.clientY - bounds.top });
    }, { passive: false });
    element.addEventListener('dblclick', (event) => {
      if (event.target instanceof HTMLButtonElement) return;
      if (this.view.zoom === undefined) this.zoomTo(1 / devicePixelRatio);
      else this.setView(fitting);
    });
    dragging(this.canvas, (dx, dy) => {
      this.panBy(dx, dy);
    });
    dragging(handle, (dx) => {
      this.setWipe(this.wipe + dx / this.window.width);
    });
    handle.addEventListener('keydown', (event) => {
      const by = { ArrowLeft: -0.02, ArrowRight: 0.02, PageDown: -0.1, PageUp: 0.1, Home: -1, End: 1 }[event.key];
      if (by === undefined) return;
      event.preventDefault();
      event.stopPropagation();
      this.setWipe(this.wipe + by);
    });
  }
}

/** A picture that was replaced since the scene was set is closed, and has no size. */
function drawable(picture: ImageBitmap | undefined): picture is ImageBitmap {
  return picture !== undefined && picture.width > 0;
}

/** Tells how far the pointer was dragged since it was told last, in CSS pixels. */
function dragging(element: HTMLElement, move: (dx: number, dy: number) => void): void {
  element.addEventListener('pointerdown', (event) => {
    if (event.button > 1) return;
    element.setPointerCapture(event.pointerId);
    let last = { x: event.clientX, y: event.clientY };
    const moved = (now: PointerEvent): void => {
      move(now.clientX - last.x, now.clientY - last.y);
      last = { x: now.clientX, y: now.clientY };
    };
    element.addEventListener('pointermove', moved);
    element.addEventListener('lostpointercapture', () => {
      element.removeEventListener('pointermove', moved);
    }, { once: true });
  });
}
