import type { z } from 'zod';
import { actionKinds, type ActionKind } from './actions.ts';
import { removing, replacing } from './fixes.ts';
import { gluedKey } from './gluedKeys.ts';
import { listed, pathWords } from './issueWords.ts';
import { nearest } from './nearest.ts';
import type { ParsedKey } from './parsed.ts';
import { keysInside } from './parsedKeys.ts';
import { problem, type Problem, type Span } from './problem.ts';
import { keysOf, schemaAt, shapeOf } from './valueShape.ts';
import { words } from './yamlWords.ts';

/** Keys that are not there: of the action, or of a mapping inside of it. @param at of the action */
export function unknownKeys(text: string, { keys: unknown, path }: z.core.$ZodIssueUnrecognizedKeys, keys: readonly ParsedKey[], kind: ActionKind, at: Span): readonly Problem[] {
  const [first, ...inside] = path;
  const outer = first === undefined ? undefined : keys.find((one) => one.name === first);
  const beside = outer ? keysInside(text, outer, inside) : keys;
  const schema = first === undefined ? undefined : schemaAt(kind, path as readonly (string | number)[]);
  const known = Object.keys(schema ? shapeOf(schema).fields ?? {} : keysOf(kind));
  return unknown.map((name) => {
    const found = beside.find((one) => one.name === name);
    const where = found?.at ?? outer?.at ?? at;
    if (name === '' || /^[[{]/.test(name)) return problem('key', words.NON_STRING_KEY, where);
    const glued = found?.node ? undefined : gluedKey(text.slice(where.start, where.end));
    if (glued) return problem('key', glued.message, where, [replacing(where, name, `${glued.name}: ${name.slice(glued.name.length + glued.between)}`)]);
    // behind a space or a colon stands a value, which no change of the name may take away
    const word = name.replace(/\s*:+$/, '');                              // colons may stand twice
    const near = /[\s:]/.test(word) ? undefined : nearest(word, known.filter((other) => !beside.some((one) => one.name === other)));
    const others = first === undefined ? actionKinds.filter((other) => !actionKinds.some((one) => one === name) && Object.hasOwn(keysOf(other), name)) : [];
    const belongs = others.length === 0 ? '' : `: it belongs to ${listed(others.map((other) => `'${other}'`), 'and')}`;
    return problem('key', `there is no key '${name}' ${first === undefined ? 'here' : `in ${pathWords(path)}`}${belongs}${near === undefined ? '' : `; '${near}' is meant perhaps`}`, where, found ? [
      ...(near === undefined ? [] : [replacing(where, name, near)]), removing(text, found),
    ] : []);
  });
}
