import { dragging } from './dragging.ts';
import { FaceButtons } from './faceButtons.ts';
import { drawable, paintScene } from './paintScene.ts';
import { fitting, panned, placed, zoomedAt, zoomOf, type Size, type View } from './panZoom.ts';
import type { Scene } from './scene.ts';
import { WipeHandle } from './wipeHandle.ts';

export interface StageListener {
  readonly onView: (view: View) => void;
  readonly onWipe: (wipe: number) => void;
  readonly onFace: (number: number) => void;
}

/** Shows original and restored picture in a canvas: pan, zoom, wipe, side by side, and the faces as buttons over it. */
export class Stage {
  private readonly canvas = document.createElement('canvas');
  private readonly faces: FaceButtons;
  private readonly handle: WipeHandle;
  private scene: Scene | undefined;
  private requested = 0;
  private peeking = false;

  view: View = fitting;
  /** Where the line between original and restored stands: share of the window's width. */
  wipe = 0.5;

  constructor(readonly element: HTMLElement, private readonly listener: StageListener) {
    this.faces = new FaceButtons({ onFace: listener.onFace, onDrag: (dx, dy) => { this.panBy(dx, dy); } });
    this.handle = new WipeHandle('original and restored', () => this.room.width, (wipe) => { this.setWipe(wipe); });
    element.append(this.canvas, this.faces.element, this.handle.element);
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
    const { scene, room } = this;
    if (scene) this.setView(zoomedAt(this.view, pixels / zoomOf(this.view, scene.size, room), { x: room.width / 2, y: room.height / 2 }, scene.size, room));
  }

  zoomBy(factor: number, at?: { readonly x: number; readonly y: number }): void {
    const { scene, room } = this;
    if (scene) this.setView(zoomedAt(this.view, factor, at ?? { x: room.width / 2, y: room.height / 2 }, scene.size, room));
  }

  panBy(dx: number, dy: number): void {
    if (this.scene) this.setView(panned(this.view, dx, dy, this.scene.size, this.room));
  }

  get zoom(): number {
    return this.scene ? zoomOf(this.view, this.scene.size, this.room) : 1;
  }

  /** Room for one picture, in CSS pixels. */
  get room(): Size {
    const { clientWidth: width, clientHeight: height } = this.element;
    return { width: this.scene?.mode === 'side' ? width / 2 : width, height };
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
    this.handle.place(this.peeking || scene?.mode !== 'split' || !scene.restored ? undefined : this.wipe);
    if (!scene) return;
    if (drawable(scene.original) && element.dataset['frame'] === undefined) performance.mark('difface-first-frame');
    if (drawable(scene.original)) element.dataset['frame'] = String(scene.frame);
    context.scale(ratio, ratio);
    const { room } = this;
    const at = placed(this.view, scene.size, room);
    paintScene(context, scene, at, room, { wipe: this.wipe, originalOnly: this.peeking });
    this.faces.place(scene, at, room);
  }

  private setWipe(wipe: number): void {
    this.wipe = wipe;
    this.listener.onWipe(wipe);
    this.draw();
  }

  private listen(): void {
    const { element } = this;
    element.addEventListener('wheel', (event) => {
      event.preventDefault();
      const bounds = element.getBoundingClientRect();
      const pixels = event.deltaMode === 1 ? event.deltaY * 16 : event.deltaY;
      this.zoomBy(Math.exp(-pixels * (event.ctrlKey ? 0.01 : 0.002)), { x: (event.clientX - bounds.left) % this.room.width, y: event.clientY - bounds.top });
    }, { passive: false });
    element.addEventListener('dblclick', (event) => {
      if (event.target instanceof HTMLButtonElement) return;
      if (this.view.zoom === undefined) this.zoomTo(1 / devicePixelRatio);
      else this.setView(fitting);
    });
    dragging(this.canvas, (dx, dy) => {
      this.panBy(dx, dy);
    });
  }
}
