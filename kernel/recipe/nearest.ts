import { closest, distance } from 'fastest-levenshtein';

/** The known word that is meant, if one is near. */
export function nearest(word: string, known: readonly string[]): string | undefined {
  if (known.length === 0 || word.length === 0 || word.length > 60) return undefined;
  const near = closest(word.toLowerCase(), known.map((one) => one.toLowerCase()));
  const index = known.findIndex((one) => one.toLowerCase() === near);
  return distance(word.toLowerCase(), near) <= (word.length < 4 ? 1 : Math.max(2, Math.floor(word.length / 3))) ? known[index] : undefined;
}
