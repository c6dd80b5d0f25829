import { PaneView, type Pixel } from './paneView.ts';
import type { Pane } from './panePicture.ts';
import { fitting, panned, placed, zoomedAt, zoomOf, type Size, type View } from '../viewer/panZoom.ts';

export interface PaneScene {
  readonly panes: readonly Pane[];
  /** Where panes belong below each other; else as many columns as make the panes largest. */
  readonly columns: number | undefined;
  /** Of the pictures, in pixels. */
  readonly side: number;
  /** Order of the state that is looked at. */
  readonly order: number;
  /** Nothing of it is on its way any more. */
  readonly complete: boolean;
  /** Where the line stands in panes that two walks share: share of the width. */
  readonly wipe: number;
}

export interface PaneListener {
  readonly onView: (view: View) => void;
  readonly onWipe: (wipe: number) => void;
  readonly onPixel: (pixel: Pixel | undefined) => void;
  /** A state is on the screen, in full. */
  readonly onShown: (order: number) => void;
}

/** Caption and values of a pane, and the gap between panes, in CSS pixels. */
const [captionHeight, gap] = [40, 8];
const smallest = 110;
/** A picture that is smaller tells little: rather there are more rows, and one scrolls. */
const smallestBeside = 130;
/** Rows that are seen without scrolling, whatever is below. */
const rowsInSight = 2;

/** Pictures beside each other with one zoom, one place and one crosshair. */
export class PaneGrid {
  view: View = fitting;
  private readonly views = new Map<string, PaneView>();
  private scene: PaneScene | undefined;
  private pixel: Pixel | undefined;
  private requested = 0;
  private told: number | undefined;
  private readonly afterPaint = new MessageChannel();

  constructor(readonly element: HTMLElement, private readonly listener: PaneListener) {
    this.afterPaint.port1.onmessage = ({ data }: MessageEvent<number>) => { listener.onShown(data); };
    new ResizeObserver(() => { this.arrange(); }).observe(element);
    this.listen();
  }

  show(scene: PaneScene): void {
    const before = this.scene;
    this.scene = scene;
    if (before?.columns !== scene.columns || before?.panes.map(({ key }) => key).join() !== scene.panes.map(({ key }) => key).join()) this.place(scene.panes);
    for (const pane of scene.panes) this.views.get(pane.key)?.show(pane);
    this.draw();
  }

  setView(view: View): void {
    this.view = view;
    this.listener.onView(view);
    this.draw();
  }

  /** @param pixels CSS pixels of a picture's pixel */
  zoomTo(pixels: number): void {
    this.zoomBy(pixels / zoomOf(this.view, this.side, this.room));
  }

  zoomBy(factor: number, at?: { readonly x: number; readonly y: number }): void {
    const { room } = this;
    this.setView(zoomedAt(this.view, factor, at ?? { x: room.width / 2, y: room.height / 2 }, this.side, room));
  }

  /** Moves the crosshair by pixels of the picture where it was placed by a key, else the picture by CSS pixels. */
  move(dx: number, dy: number, crosshair: boolean): void {
    if (crosshair && this.pixel) this.setPixel(this.within({ x: this.pixel.x + dx, y: this.pixel.y + dy }));
    else this.setView(panned(this.view, -40 * dx, -40 * dy, this.side, this.room));
  }

  /** Puts the crosshair into the middle, or takes it away. */
  toggleCrosshair(): void {
    this.setPixel(this.pixel ? undefined : { x: this.side.width >> 1, y: this.side.height >> 1 });
  }

  get crosshairShown(): boolean {
    return this.pixel !== undefined;
  }

  private get side(): Size {
    const side = this.scene?.side ?? 1;
    return { width: side, height: side };
  }

  private get room(): Size {
    return this.views.values().next().value?.room ?? { width: 1, height: 1 };
  }

  private place(panes: readonly Pane[]): void {
    const keys = new Set(panes.map(({ key }) => key));
    for (const [key, view] of this.views) {
      if (keys.has(key)) continue;
      view.element.remove();
      this.views.delete(key);
    }
    for (const { key } of panes) {
      const view = this.views.get(key) ?? new PaneView(key, (wipe) => { this.listener.onWipe(wipe); });
      this.views.set(key, view);
      this.element.append(view.element);
    }
    this.arrange();
  }

  /** As many columns as make the panes largest; where these would be too narrow, more rows. */
  private arrange(): void {
    const { clientWidth: width, clientHeight: height } = this.element;
    const count = Math.max(1, this.scene?.panes.length ?? 1);
    const widthOf = (columns: number): number => (width - gap * (columns - 1)) / columns;
    const most = Math.max(1, Math.floor((width + gap) / (smallestBeside + gap)));
    const sideWith = (columns: number): number => Math.min(widthOf(columns), height / Math.ceil(count / columns) - captionHeight - gap);
    const fitted = count > most ? Math.ceil(count / Math.ceil(count / most)) : Array.from({ length: count }, (_, i) => i + 1).reduce((a, b) => (sideWith(b) > sideWith(a) + 0.5 ? b : a));
    const columns = this.scene?.columns === undefined || this.scene.columns > most ? fitted : this.scene.columns;
    const rows = Math.ceil(count / columns);
    const least = Math.min(smallestBeside, Math.max(smallest, widthOf(columns))) + captionHeight;
    const inSight = Math.min(rows, rowsInSight);
    const { style } = this.element;
    style.setProperty('--columns', String(columns));
    style.setProperty('--row-height', `${Math.max(least, Math.floor((height - gap * (rows - 1)) / rows))}px`);
    style.setProperty('--least-height', `${inSight * least + (inSight - 1) * gap}px`);
    this.draw();
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
    const { scene } = this;
    if (!scene || this.element.clientWidth === 0) return;
    const crosshair = getComputedStyle(this.element).getPropertyValue('--vscode-charts-yellow') || 'white';
    for (const { key } of scene.panes) this.views.get(key)?.paint({ view: this.view, side: this.side, pixel: this.pixel, crosshair, wipe: scene.wipe });
    if (!scene.complete || scene.order === this.told) return;
    this.told = scene.order;
    this.afterPaint.port2.postMessage(scene.order);                      // arrives when the screen has been drawn
  }

  private setPixel(pixel: Pixel | undefined): void {
    if (pixel?.x === this.pixel?.x && pixel?.y === this.pixel?.y) return;
    this.pixel = pixel;
    this.listener.onPixel(pixel);
    this.draw();
  }

  private within({ x, y }: Pixel): Pixel {
    const last = this.side.width - 1;
    return { x: Math.min(last, Math.max(0, x)), y: Math.min(last, Math.max(0, y)) };
  }

  /** Where a pointer is in its pane, in CSS pixels; undefined outside of all. */
  private inPane(event: MouseEvent): { readonly x: number; readonly y: number } | undefined {
    const canvas = event.target instanceof HTMLCanvasElement ? event.target : undefined;
    if (!canvas || ![...this.views.values()].some((view) => view.canvas === canvas)) return undefined;
    const { left, top } = canvas.getBoundingClientRect();
    return { x: event.clientX - left, y: event.clientY - top };
  }

  private listen(): void {
    const { element } = this;
    element.addEventListener('wheel', (event) => {
      const at = this.inPane(event);
      if (!at) return;
      event.preventDefault();
      const pixels = event.deltaMode === 1 ? event.deltaY * 16 : event.deltaY;
      this.zoomBy(Math.exp(-pixels * (event.ctrlKey ? 0.01 : 0.002)), at);
    }, { passive: false });
    element.addEventListener('dblclick', (event) => {
      if (!this.inPane(event)) return;
      if (this.view.zoom === undefined) this.zoomTo(1 / devicePixelRatio);
      else this.setView(fitting);
    });
    element.addEventListener('pointerdown', (event) => {
      if (event.button > 1 || !this.inPane(event) || !(event.target instanceof HTMLCanvasElement)) return;
      event.target.setPointerCapture(event.pointerId);
    });
    element.addEventListener('pointermove', (event) => {
      const at = this.inPane(event);
      if (!at) return;
      if (event.target instanceof HTMLCanvasElement && event.target.hasPointerCapture(event.pointerId)) this.setView(panned(this.view, event.movementX, event.movementY, this.side, this.room));
      const rect = placed(this.view, this.side, this.room);
      const pixel = { x: Math.floor(((at.x - rect.x) / rect.width) * this.side.width), y: Math.floor(((at.y - rect.y) / rect.height) * this.side.height) };
      this.setPixel(pixel.x >= 0 && pixel.y >= 0 && pixel.x < this.side.width && pixel.y < this.side.height ? pixel : undefined);
    });
    element.addEventListener('pointerleave', () => { this.setPixel(undefined); });
  }
}
