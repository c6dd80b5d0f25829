import { actionKinds } from './actions.ts';
import { nearest } from './nearest.ts';
import { oddSpace } from './oddSpaces.ts';
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

/** Signs that look like a colon. */
const colons = '\uFF1A\uFE55\u2236';
const glued = new RegExp(`^([A-Za-z]{1,30})(:(?!//)(?=\\S)|[ \\t]+:(?=\\S)|:[${oddSpace}]\\s*(?=\\S)|[ \\t]*[${colons}]\\s*|[ \\t]*=[ \\t]*(?=\\S)|[ \\t]+(?![:=])(?=\\S))`);

/** `seed:3`, `seed :3`, `seed 3`, `seed = 3` and `seed：3`: what is missing between a known key and its value, or wrong there. @returns undefined for anything else */
export function gluedKey(written: string): GluedKey | undefined {
  const [, name, between] = glued.exec(written) ?? [];
  if (name === undefined || between === undefined) return undefined;
  const colon = new RegExp(`[:${colons}]`).exec(between)?.[0];
  if (!(colon === undefined ? knownKeys.includes(name) : nearest(name, knownKeys) !== undefined)) return undefined;
  return { name, between: between.length, message: messageOf(name, between, colon) };
}

function messageOf(name: string, between: string, colon: string | undefined): string {
  if (colon === undefined) return between.includes('=') ? `behind '${name}' stands a colon in place of '='` : `a colon is missing behind '${name}'`;
  if (colon !== ':') return `behind '${name}' stands '${colon}', a wide colon: write ':' and a space`;
  if (between === ':') return `a space is missing behind the colon of '${name}'`;
  return between.endsWith(':') ? `the space of '${name}' stands before its colon: it belongs behind it` : `the space behind the colon of '${name}' is none that YAML knows: write a plain one`;
}
