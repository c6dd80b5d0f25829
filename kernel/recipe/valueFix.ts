import { parse } from 'yaml';
import type { z } from 'zod';
import { replacing } from './fixes.ts';
import { nearest } from './nearest.ts';
import type { Fix, Span } from './problem.ts';
import { rangeOf, shapeOf } from './valueShape.ts';
import { wordsOf } from './words.ts';

/** Longer values are no slips. */
const longest = 60;
/** What earlier versions of YAML took for true and false. */
const yesAndNo: Readonly<Record<string, string>> = { yes: 'true', on: 'true', no: 'false', off: 'false' };

/** What is meant perhaps in place of a value that its schema refuses. @param written the value as it stands in the text, at `at` */
export function valueFix(schema: z.ZodType, value: unknown, at: Span, written: string): Fix | undefined {
  if (written === '' || written.length > longest || typeof value === 'object' || value === undefined) return undefined;
  const meant = meantBy(schema, value as string | number | boolean, written);
  return meant === undefined || meant === written ? undefined : replacing(at, written, meant);
}

function meantBy(schema: z.ZodType, value: string | number | boolean | bigint, written: string): string | undefined {
  if (typeof value === 'bigint') return meantBy(schema, Number(value), written);
  const takes = (other: unknown): boolean => schema.safeParse(other).success;
  const { choices, element } = shapeOf(schema);
  if (typeof value === 'string') {
    const narrow = value.normalize('NFKC').trim().replace(/[,;]$/, '');   // digits may be wide, and other languages end lines with a sign
    const bare = read(narrow);
    if (bare !== undefined && typeof bare !== 'string' && takes(bare)) return narrow;
    const word = yesAndNo[value.toLowerCase()];
    if (word !== undefined && takes(word === 'true')) return word;
    const known = [...new Set([...choices.map(String), ...Object.keys(wordsOf(schema)?.choices ?? {})])].filter((one) => takes(read(one)));
    const near = nearest(value, known) ?? begun(value, known);
    if (near !== undefined) return near;
    if (typeof bare === 'number') return meantBy(schema, bare, narrow);
  } else {
    const near = typeof value === 'number' ? nearestNumber(schema, value) : undefined;
    if (near !== undefined) return String(near);
    if (takes(written)) return JSON.stringify(written);
  }
  if (!element) return undefined;
  const inner = element.safeParse(value).success ? written : meantBy(element, value, written);
  return inner === undefined ? undefined : `[${inner}]`;
}

/** What stands between quotes, read as if they were not there. */
function read(value: string): unknown {
  try {
    return parse(value, { logLevel: 'silent' }) as unknown;
  } catch {
    return undefined;
  }
}

/** The shortest word that begins so. */
function begun(value: string, known: readonly string[]): string | undefined {
  const start = value.toLowerCase();
  return start.length < 3 ? undefined : known.filter((word) => word.startsWith(start)).sort((a, b) => a.length - b.length)[0];
}

/** Inside of the range, and whole where that is asked for; of several numbers that may stand there, the nearest. */
function nearestNumber(schema: z.ZodType, value: number): number | undefined {
  if (!Number.isFinite(value)) return undefined;
  const { low = -Infinity, high = Infinity } = rangeOf(schema);
  const inside = (number: number): number => Math.min(high, Math.max(low, number));
  const listed = shapeOf(schema).choices.filter((one) => typeof one === 'number').sort((a, b) => Math.abs(a - value) - Math.abs(b - value));
  return [...listed, inside(value), inside(Math.round(value))].find((number) => number !== value && schema.safeParse(number).success);
}
