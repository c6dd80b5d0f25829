/** Where a picture lies in its window: screen = picture * zoom + offset, in CSS pixels from the window's middle to the picture's middle. */
export interface View {
  /** CSS pixels of a picture's pixel; undefined: as large as fits. */
  readonly zoom: number | undefined;
  /** From the window's middle to the picture's middle, in CSS pixels. */
  readonly x: number;
  readonly y: number;
}

export interface Size {
  readonly width: number;
  readonly height: number;
}

export interface Rect extends Size {
  readonly x: number;
  readonly y: number;
}

export const fitting: View = { zoom: undefined, x: 0, y: 0 };

const [smallest, largest] = [0.02, 40];

/** Zoom that shows all of the picture; small pictures are enlarged up to three times. */
export function fitZoom(picture: Size, window: Size): number {
  return Math.max(smallest, Math.min(window.width / picture.width, window.height / picture.height, 3));
}

export function zoomOf(view: View, picture: Size, window: Size): number {
  return view.zoom ?? fitZoom(picture, window);
}

/** The picture's rectangle in the window, in CSS pixels. */
export function placed(view: View, picture: Size, window: Size): Rect {
  const zoom = zoomOf(view, picture, window);
  const [width, height] = [picture.width * zoom, picture.height * zoom];
  return { x: window.width / 2 + view.x - width / 2, y: window.height / 2 + view.y - height / 2, width, height };
}

/** Zooms by a factor so that what lies under a point of the window stays there. */
export function zoomedAt(view: View, factor: number, at: { readonly x: number; readonly y: number }, picture: Size, window: Size): View {
  const before = zoomOf(view, picture, window);
  const zoom = Math.min(largest, Math.max(smallest, before * factor));
  const [dx, dy] = [at.x - window.width / 2, at.y - window.height / 2];
  const moved = zoom / before;
  return kept({ zoom, x: dx - (dx - view.x) * moved, y: dy - (dy - view.y) * moved }, picture, window);
}

export function panned(view: View, dx: number, dy: number, picture: Size, window: Size): View {
  return kept({ ...view, x: view.x + dx, y: view.y + dy }, picture, window);
}

/** A picture smaller than its window stays in the middle; a larger one never leaves it quite. */
function kept(view: View, picture: Size, window: Size): View {
  const zoom = zoomOf(view, picture, window);
  const limit = (length: number, room: number): number => (length * zoom > room ? (length * zoom - room) / 2 + room / 3 : 0);
  const [lx, ly] = [limit(picture.width, window.width), limit(picture.height, window.height)];
  return { zoom: view.zoom, x: Math.min(lx, Math.max(-lx, view.x)), y: Math.min(ly, Math.max(-ly, view.y)) };
}
