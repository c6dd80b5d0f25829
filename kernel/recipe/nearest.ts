import { distance } from 'fastest-levenshtein';

/** The known word that is meant, if one is near: the first of the nearest, in a time that thousands of known words do not make long. Words of one letter are near to none but themselves. */
export function nearest(word: string, known: readonly string[]): string | undefined {
  if (word.length === 0 || word.length > 60) return undefined;
  const written = word.toLowerCase();
  let most = word.length < 4 ? 1 : Math.max(2, Math.floor(word.length / 3));
  let found: string | undefined;
  for (const one of known) {
    if (Math.abs(one.length - word.length) > most) continue;            // as many letters are missing or too many
    const far = distance(written, one.toLowerCase());
    if (far > 0 && (one.length === 1 || word.length === 1)) continue;
    if (far > most || (found !== undefined && far === most)) continue;
    [found, most] = [one, far];
  }
  return found;
}
