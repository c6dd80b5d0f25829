import { actionKinds } from './actions.ts';
import { nearest } from './nearest.ts';
import { keysOf } from './valueShape.ts';

/** The keys of all actions. */
const knownKeys: readonly string[] = [...new Set(actionKinds.flatMap((kind) => Object.keys(keysOf(kind))))];

/** A key and its value that YAML takes for one word. */
export interface GluedKey {
  readonly name: string;
  /** How many characters stand between the name and the value, and what should stand there in their place. */
  readonly between: number;
  readonly message: string;
}

/** `seed:3`, `seed 3` and `seed = 3`: what is missing between a known key and its value. @returns undefined for anything else */
export function gluedKey(written: string): GluedKey | undefined {
  const [whole, name, colon] = /^([A-Za-z]{1,30})(:(?!\/\/)|[ \t]*=[ \t]*|[ \t]+(?![:=]))(?=\S)/.exec(written) ?? [];
  if (whole === undefined || name === undefined || colon === undefined) return undefined;
  if (colon !== ':') return knownKeys.includes(name) ? { name, between: colon.length, message: colon.includes('=') ? `behind '${name}' stands a colon in place of '='` : `a colon is missing behind '${name}'` } : undefined;
  return nearest(name, knownKeys) === undefined ? undefined : { name, between: 1, message: `a space is missing behind the colon of '${name}'` };
}
