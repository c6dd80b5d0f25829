import { paintPicture, readout, samePicture, sideOf, type Pane, type PanePicture } from './panePicture.ts';
import { ScaleLegend } from './scaleLegend.ts';
import { placed, type Size, type View } from '../viewer/panZoom.ts';

export interface Pixel {
  readonly x: number;
  readonly y: number;
}

/** One picture among several that share zoom and crosshair: its name above, the values at the crosshair below. */
export class PaneView {
  readonly element = document.createElement('figure');
  readonly canvas = document.createElement('canvas');
  private readonly title = document.createElement('span');
  private readonly detail = document.createElement('span');
  private readonly values = document.createElement('div');
  private readonly legend = new ScaleLegend();
  private readonly source = document.createElement('canvas');
  private painted: PanePicture | undefined;
  private pane: Pane | undefined;

  constructor(key: string) {
    this.element.className = 'pane';
    this.element.dataset['pane'] = key;
    const caption = document.createElement('figcaption');
    this.title.className = 'pane-title';
    this.detail.className = 'hint number ellipsis';
    this.values.className = 'pane-values number';
    this.values.title = 'R, G, B under the crosshair, in the sampler\'s units';
    this.canvas.setAttribute('role', 'img');
    caption.append(this.title, ' ', this.detail);
    const room = document.createElement('div');
    room.className = 'pane-room';
    room.append(this.canvas, this.legend.element);
    this.element.append(caption, room, this.values);
  }

  show(pane: Pane): void {
    this.pane = pane;
    subscripted(this.title, pane.title);
    subscripted(this.detail, pane.detail);
    this.detail.title = pane.detail;
    this.canvas.setAttribute('aria-label', `${pane.title} ${pane.detail}`.trim());
    this.legend.show(pane.picture);
  }

  get window(): Size {
    return { width: this.canvas.clientWidth, height: this.canvas.clientHeight };
  }

  /** @param side of the pictures in pixels */
  paint(view: View, side: Size, pixel: Pixel | undefined, crosshair: string): void {
    const { canvas, pane } = this;
    const ratio = devicePixelRatio;
    const window = this.window;
    const [width, height] = [Math.round(window.width * ratio), Math.round(window.height * ratio)];
    if (canvas.width !== width || canvas.height !== height) [canvas.width, canvas.height] = [width, height];
    const context = canvas.getContext('2d')!;
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.clearRect(0, 0, width, height);
    context.scale(ratio, ratio);
    if (pane?.picture && !samePicture(pane.picture, this.painted)) {
      paintPicture(pane.picture, this.source);
      this.painted = pane.picture;
    }
    const at = placed(view, side, window);
    const drawn = pane?.picture ? this.source : pane?.preview;
    if (drawn && drawn.width > 0) {
      context.imageSmoothingEnabled = at.width / side.width * ratio < 1 || drawn !== this.source;
      context.imageSmoothingQuality = 'high';
      context.drawImage(drawn, at.x, at.y, at.width, at.height);
    }
    if (pixel) drawCrosshair(context, at.x + ((pixel.x + 0.5) * at.width) / side.width, at.y + ((pixel.y + 0.5) * at.height) / side.height, window, crosshair);
    this.values.textContent = pixel && pane?.picture ? readoutWithin(pane.picture, pixel, window.width < 170 ? 3 : 4) : '';
  }
}

/** "x_t" with its index below the line. */
function subscripted(element: HTMLElement, text: string): void {
  const [, before, index, after] = /^(.*?[xy])_(.)(.*)$/.exec(text) ?? [];
  if (before === undefined || index === undefined) {
    element.textContent = text;
    return;
  }
  const below = document.createElement('sub');
  below.textContent = index;
  element.replaceChildren(before, below, after ?? '');
}

function readoutWithin(picture: PanePicture, { x, y }: Pixel, digits: number): string {
  const { width, height } = sideOf(picture);
  return x < width && y < height ? readout(picture, x, y, digits) : '';
}

/** Two lines that leave the pixel itself free. */
function drawCrosshair(context: CanvasRenderingContext2D, x: number, y: number, { width, height }: Size, colour: string): void {
  const free = 5;
  for (const [style, wide] of [['rgba(0, 0, 0, 0.3)', 3], [colour, 1]] as const) {
    context.strokeStyle = style;
    context.lineWidth = wide;
    context.beginPath();
    for (const [fromX, fromY, toX, toY] of [[0, y, x - free, y], [x + free, y, width, y], [x, 0, x, y - free], [x, y + free, x, height]] as const) {
      context.moveTo(fromX, fromY);
      context.lineTo(toX, toY);
    }
    context.stroke();
  }
}
