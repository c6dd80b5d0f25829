import type { MeasuredRegion } from './measuredRegion.ts';

/** A file that was measured, as the document says it, and where in it. */
export interface MeasuredPlace {
  readonly file: string;
  readonly region: MeasuredRegion;
}

/**
 * Which faces the figures are of, and in which file they were found.
 * @param reference the faces of all files are those of this one
 * @returns the title of the table, and a note on each file where each has faces of its own
 */
export function placesInWords(places: readonly MeasuredPlace[], reference: string | undefined): { readonly title: string; readonly notes: readonly string[] } {
  const [{ file, region }] = places as [MeasuredPlace];
  const against = reference === undefined ? 'Measured' : `Measured against ${reference},`;
  if (region.faces === undefined) return { title: `${against} in the whole picture`, notes: [] };
  if (reference !== undefined) return { title: `${against} in its ${regionInWords(region)}`, notes: [] };
  if (places.length === 1) return { title: `Measured in ${regionInWords(region)}, of ${file}`, notes: [] };
  return { title: 'Measured in the faces of each file', notes: places.map((place) => `${place.file}: measured in ${regionInWords(place.region)}`) };
}

function regionInWords({ faces = [], side }: MeasuredRegion): string {
  return `${facesInWords(faces)}, crops of ${side!} px`;
}

/** Numbers that follow each other are not all said: `faces 1 to 4`. */
function facesInWords(numbers: readonly number[]): string {
  const [first, last] = [numbers[0]!, numbers.at(-1)!];
  if (numbers.length === 1) return `face ${first}`;
  const inARow = numbers.length > 2 && numbers.every((number, i) => number === first + i);
  return `faces ${inARow ? `${first} to ${last}` : `${numbers.slice(0, -1).join(', ')} and ${last}`}`;
}
