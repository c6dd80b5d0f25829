import type { RgbImage } from '../tensor/rgbImage.ts';

/** 0 to 9 in three columns and five rows, row by row from the top, a bit for each pixel. */
const glyphs = [0b111101101101111, 0b010110010010111, 0b111001111100111, 0b111001111001111, 0b101101111001001, 0b111100111001111, 0b111100111101111, 0b111001001010010, 0b111101111101111, 0b111101111001111] as const;
const [glyphWidth, glyphHeight, advance] = [3, 5, 4];

/** Size in pixels of a whole number that is drawn `scale` times enlarged. */
export function numberSize(value: number, scale: number): { readonly width: number; readonly height: number } {
  return { width: (String(value).length * advance - 1) * scale, height: glyphHeight * scale };
}

/**
 * Draws a whole number in black, so that the rows and columns of a figure say what they are without any font being installed.
 * @param value 0 or more
 * @param left, top of its first pixel; what lies outside the picture is not drawn
 */
export function drawNumber(image: RgbImage, value: number, left: number, top: number, scale: number): void {
  for (const [place, digit] of Array.from(String(value), Number).entries()) {
    for (let y = 0; y < glyphHeight * scale; y++) {
      for (let x = 0; x < glyphWidth * scale; x++) {
        const bit = glyphWidth * glyphHeight - 1 - Math.floor(y / scale) * glyphWidth - Math.floor(x / scale);
        if (((glyphs[digit]! >> bit) & 1) === 0) continue;
        const column = left + place * advance * scale + x;
        if (column < 0 || column >= image.width || top + y < 0 || top + y >= image.height) continue;
        image.data.fill(0, 3 * ((top + y) * image.width + column), 3 * ((top + y) * image.width + column + 1));
      }
    }
  }
}
