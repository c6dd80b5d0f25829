import { paintPicture, readout, samePicture, sideOf, type Pane, type PanePicture, type PaneSide } from './panePicture.ts';
import { ScaleLegend } from './scaleLegend.ts';
import { placed, type Rect, type Size, type View } from '../viewer/panZoom.ts';
import { WipeHandle } from '../viewer/wipeHandle.ts';

export interface Pixel {
  readonly x: number;
  readonly y: number;
}

/** What all panes share. */
export interface PaneLook {
  readonly view: View;
  /** Of the pictures, in pixels. */
  readonly side: Size;
  readonly pixel: Pixel | undefined;
  /** Colour of the crosshair. */
  readonly crosshair: string;
  readonly wipe: number;
}

/** A picture painted pixel for pixel, once. */
interface Painted {
  readonly canvas: HTMLCanvasElement;
  picture: PanePicture | undefined;
}

/** One picture among several that share zoom and crosshair: its name above, the values at the crosshair below. */
export class PaneView {
  readonly element = document.createElement('figure');
  readonly canvas = document.createElement('canvas');
  private readonly title = document.createElement('span');
  private readonly detail = document.createElement('span');
  private readonly values = document.createElement('div');
  private readonly legend = new ScaleLegend();
  private readonly left: Painted = { canvas: document.createElement('canvas'), picture: undefined };
  private readonly right: Painted = { canvas: document.createElement('canvas'), picture: undefined };
  private readonly handle: WipeHandle;
  private pane: Pane | undefined;

  constructor(key: string, onWipe: (wipe: number) => void) {
    this.handle = new WipeHandle('two walks', () => this.room.width, onWipe);
    this.handle.place(undefined);
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
    room.append(this.canvas, this.legend.element, this.handle.element);
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

  get room(): Size {
    return { width: this.canvas.clientWidth, height: this.canvas.clientHeight };
  }

  paint({ view, side, pixel, crosshair, wipe }: PaneLook): void {
    const { canvas, pane, room } = this;
    const ratio = devicePixelRatio;
    const [width, height] = [Math.round(room.width * ratio), Math.round(room.height * ratio)];
    if (canvas.width !== width || canvas.height !== height) [canvas.width, canvas.height] = [width, height];
    const context = canvas.getContext('2d')!;
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.clearRect(0, 0, width, height);
    context.scale(ratio, ratio);
    const at = placed(view, side, room);
    this.handle.place(pane?.right && wipe);
    const line = pane?.right ? wipe * room.width : room.width;
    if (pane) drawWithin(context, 0, line, room.height, () => { drawSide(context, pane, this.left, at, side); });
    if (pane?.right) drawWithin(context, line, room.width - line, room.height, () => { drawSide(context, pane.right!, this.right, at, side); });
    if (!pixel) {
      this.values.textContent = '';
      return;
    }
    const x = at.x + ((pixel.x + 0.5) * at.width) / side.width;
    drawCrosshair(context, x, at.y + ((pixel.y + 0.5) * at.height) / side.height, room, crosshair);
    const picture = (x > line ? pane?.right : pane)?.picture;
    this.values.textContent = picture ? readoutWithin(picture, pixel, room.width < 170 ? 3 : 4) : '';
  }
}

function drawWithin(context: CanvasRenderingContext2D, x: number, width: number, height: number, draw: () => void): void {
  context.save();
  context.beginPath();
  context.rect(x, 0, width, height);
  context.clip();
  draw();
  context.restore();
}

/** Draws a picture, or its preview until it is there. */
function drawSide(context: CanvasRenderingContext2D, { picture, preview }: PaneSide, painted: Painted, at: Rect, side: Size): void {
  if (picture && !samePicture(picture, painted.picture)) {
    paintPicture(picture, painted.canvas);
    painted.picture = picture;
  }
  const drawn = picture ? painted.canvas : preview;
  if (!drawn || drawn.width === 0) return;
  context.imageSmoothingEnabled = (at.width / side.width) * devicePixelRatio < 1 || drawn.width < side.width;
  context.imageSmoothingQuality = 'high';
  context.drawImage(drawn, at.x, at.y, at.width, at.height);
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
