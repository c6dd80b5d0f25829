import { z } from 'zod';

/** The kinds of values that keys take, each with the words for what is expected. */

export function between(low: number, high: number): z.ZodNumber {
  const error = `a number from ${low} to ${high} is expected`;
  return z.number({ error }).min(low, { error }).max(high, { error });
}

export function wholeNumber(low: number, high: number): z.ZodNumber {
  const error = high === Number.MAX_SAFE_INTEGER ? `a whole number from ${low} on is expected` : `a whole number from ${low} to ${high} is expected`;
  return z.number({ error }).int({ error }).min(low, { error }).max(high, { error });
}

export function oneOf<const T extends readonly [string, ...string[]]>(names: T): z.ZodEnum<{ [K in T[number]]: K }> {
  return z.enum(names, { error: `${names.length === 1 ? '' : names.slice(0, -1).join(', ') + ' or '}${names.at(-1)!} is expected` });
}

export const yesNo = z.boolean({ error: 'true or false is expected' });

/** Paths, mostly: a system takes no NUL in one. */
export const text = z.string({ error: 'a text is expected' }).min(1, { error: 'it is empty' }).regex(/^[^\0]*$/, { error: "a sign with the number 0 ('\\0') stands in it, which no path has" });

export const seedNumber = wholeNumber(0, 2 ** 32 - 1);
