import type { Embedded } from '../protocol.ts';

export function addressOf({ mime, data }: Embedded): string {
  return `data:${mime};base64,${data.replaceAll(/[^A-Za-z0-9+/=]/g, '')}`;
}

/** @param side how wide it is shown, in CSS pixels; as many as it has where absent */
export function pictureOf(picture: Embedded, name: string, side?: number): HTMLImageElement {
  const image = document.createElement('img');
  image.src = addressOf(picture);
  image.alt = name;
  image.draggable = false;
  image.decoding = 'async';
  image.width = side ?? picture.width;
  image.height = side === undefined ? picture.height : Math.round((side * picture.height) / picture.width);
  return image;
}
