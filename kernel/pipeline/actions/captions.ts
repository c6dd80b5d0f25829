import sharp from 'sharp';
import type { RgbImage } from '../../tensor/rgbImage.ts';

/** Words around a sheet of pictures. */
export interface Captions {
  readonly title: string;
  /** Left of each row and above each column of equal cells. */
  readonly rows?: readonly string[];
  readonly columns?: readonly string[];
}

const [titleHeight, columnHeight, rowWidth, letter] = [24, 20, 88, 13];

/**
 * Writes words around a sheet, for pages that show nothing but the picture. They are drawn with a font of the machine; where it has none the sheet stays without words, which
 * stand in the outcome's text as well.
 */
export async function captioned({ width, height, data }: RgbImage, { title, rows = [], columns = [] }: Captions): Promise<RgbImage> {
  const left = rows.some((row) => row !== '') ? rowWidth : 0;
  const top = titleHeight + (columns.some((column) => column !== '') ? columnHeight : 0);
  const whole = { width: width + left, height: height + top };
  const words = [
    svgText(title, left === 0 ? 4 : left, 16, 'start', Math.floor(whole.width / 7)),
    ...columns.map((column, i) => svgText(column, left + ((i + 0.5) * width) / columns.length, titleHeight + 13, 'middle', Math.floor(width / columns.length / 6))),
    ...rows.map((row, i) => svgText(row, left - 6, top + ((i + 0.5) * height) / rows.length + 4, 'end', 14)),
  ];
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${whole.width}" height="${whole.height}">${words.join('')}</svg>`;
  const drawn = await sharp({ create: { ...whole, channels: 3, background: '#ffffff' } })
    .composite([{ input: Buffer.from(data.buffer, data.byteOffset, data.byteLength), raw: { width, height, channels: 3 }, left, top }, { input: Buffer.from(svg) }])
    .removeAlpha().raw().toBuffer();
  return { ...whole, data: new Uint8Array(drawn) };
}

/** @param most letters that fit */
export function svgText(words: string, x: number, y: number, anchor: 'start' | 'middle' | 'end', most: number): string {
  const shown = words.length > most ? `${words.slice(0, Math.max(1, most - 1))}…` : words;
  const escaped = shown.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replace(/\p{Cc}/gu, ' ');
  return `<text x="${x.toFixed(1)}" y="${y.toFixed(1)}" text-anchor="${anchor}" font-family="sans-serif" font-size="${letter}" fill="#303030" stroke="none">${escaped}</text>`;
}
