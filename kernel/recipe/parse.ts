import { isMap, isPair, isScalar, isSeq, LineCounter, type Document, type Node, type Pair, type YAMLMap } from 'yaml';
import type { z } from 'zod';
import { actionKinds, actionSchemas, kindsIn, namePattern, type Action, type ActionKind } from './actions.ts';
import { contradictionWords } from './contradictions.ts';
import { idleKeys } from './idleKeys.ts';
import { issueWords, pathWords } from './issueWords.ts';
import { fileValues, nameReferences } from './names.ts';
import { nearest } from './nearest.ts';
import type { ParsedAction, ParsedKey, ParsedRecipe } from './parsed.ts';
import type { Fix, Problem, Span } from './problem.ts';
import { readYaml } from './readYaml.ts';
import { keysOf, schemaAt, shapeOf } from './valueShape.ts';
import { yamlWords } from './yamlWords.ts';

/** Longer texts are no recipes, and no lockfiles of clips with many faces either; they are refused before they cost time. In UTF-16 units. */
export const longest = 300_000;
/** More actions are no recipe that a person wrote. */
const mostActions = 1000;
/** An action knows about forty keys. */
const mostKeys = 200;
/** Nobody reads more of them. */
const mostProblems = 100;
/** An alias that stands for more than so many values is a trap ("billion laughs"). */
const mostAliases = 100;
/** One wrong bracket may cause thousands of complaints; the first tell what is the matter. */
const mostComplaints = 20;

/**
 * Reads a recipe: YAML 1.2, one action (a mapping) or a list of them. Whatever the text is, this returns.
 * @param known names that earlier documents gave to results
 * @param unmade names that cells above are going to give, when they run
 */
export function parseRecipe(text: string, known: Iterable<string> = [], unmade: readonly string[] = []): ParsedRecipe {
  const lines = new LineCounter();
  const unread = (code: 'size' | 'yaml', message: string): ParsedRecipe => ({ text, actions: [], lines, yaml: readYaml('').yaml, problems: [problem(code, message, { start: 0, end: 1 })].map((one) => placed(one, text)) });
  if (text.length > longest) return unread('size', `the recipe is ${text.length} characters long, and at most ${longest} are read`);
  const problems: Problem[] = [];
  const { yaml, failed } = readYaml(text, lines);
  if (failed !== undefined) return unread('yaml', `this cannot be read as YAML: ${failed}`);
  // behind one sign too many nothing fits: the first place tells
  const complaints = [...yaml.errors, ...yaml.warnings].filter(({ code }, i, all) => code !== 'UNEXPECTED_TOKEN' || all.findIndex((other) => other.code === code) === i);
  for (const complaint of complaints.slice(0, mostComplaints)) problems.push(problem('yaml', yamlWords(complaint, text), spanIn(text, complaint.pos[0], complaint.pos[1])));
  const root = yaml.contents as Node | null;
  const items = root === null || (isScalar(root) && root.value === null) ? [] : isSeq(root) ? root.items as readonly (Node | Pair | null)[] : [root];
  const names = new Set(known);
  const actions: ParsedAction[] = [];
  if (items.length > mostActions) return unread('size', `the recipe has ${items.length} entries, and at most ${mostActions} are read`);
  for (const item of items) {
    if (isMap(item) && item.items.length > mostKeys) {
      problems.push(problem('action', `this has ${item.items.length} keys, and at most ${mostKeys} are read`, spanOf(text, item.items[0]?.key as Node)));
    } else if (isMap(item)) {
      const parsed = parseAction(text, yaml, item, problems);
      if (parsed.action) problems.push(...unknownNames(parsed, names, unmade), ...brokenLines(parsed, text));
      actions.push(parsed);
      const as = parsed.keys.find(({ name }) => name === 'as')?.node;
      if (isScalar(as) && typeof as.value === 'string') names.add(as.value);
    } else {
      problems.push(problem('action', `an action is expected: ${listed(actionKinds)}, a colon, and what it is about`, spanOf(text, isPair(item) ? item.key as Node : item)));
    }
  }
  return { text, actions, problems: problems.map((one) => placed(one, text)).sort((a, b) => a.at.start - b.at.start).slice(0, mostProblems), yaml, lines };
}

function parseAction(text: string, yaml: Document.Parsed, map: YAMLMap, problems: Problem[]): ParsedAction {
  const before = problems.length;
  const keys = map.items.map((pair) => parsedKey(text, pair as Pair<Node, Node | null>));
  const at = spanOf(text, map);
  const kinds = kindsIn(keys.map(({ name }) => name));
  const [kind] = kinds;
  for (const { name, at: second } of keys.filter((one) => kinds.includes(one.name as ActionKind)).slice(1)) {
    problems.push(problem('action', `one action for each entry: this one does '${kind!}' already; begin another with '- ${name}:'`, second));
  }
  const merged = keys.find(({ name }) => name === '<<');
  if (merged) problems.push(problem('key', "nothing is merged in recipes: write the keys out here in place of '<<'", merged.at, [removing(text, merged)]));
  if (kind === undefined) {
    if (!merged) problems.push(noAction(keys, at));
    return { kind, action: undefined, at, keys };
  }
  const schema = actionSchemas[kind];
  const value = valueOf(map, yaml, problems, at);
  if (value !== undefined && problems.length === before) {
    const { success, data, error } = schema.safeParse(value);
    for (const issue of error?.issues ?? []) problems.push(...issueProblems(text, issue, value, keys, kind, at));
    if (success) problems.push(...contradicting(text, { kind, value: data } as Action, keys));
    if (success && kind === 'measure') problems.push(...unmeasurable(data as z.infer<typeof actionSchemas.measure>, keys));
    if (success && problems.length === before) return { kind, action: { kind, value: data } as Action, at, keys };
  }
  return { kind, action: undefined, at, keys };
}

function noAction(keys: readonly ParsedKey[], at: Span): Problem {
  for (const { name, at: where } of keys) {
    const near = nearest(name, actionKinds);
    if (near !== undefined) return problem('action', `there is no action '${name}'; '${near}' is meant perhaps`, where, [replacing(where, name, near)]);
  }
  return problem('action', `nothing says what is to be done: ${listed(actionKinds)} is expected`, keys[0]?.at ?? at);
}

function valueOf(map: YAMLMap, yaml: Document.Parsed, problems: Problem[], at: Span): unknown {
  try {
    return map.toJS(yaml, { maxAliasCount: mostAliases });
  } catch {
    if (yaml.errors.length === 0) problems.push(problem('yaml', `its values cannot be told: its aliases stand for nothing, or for more than ${mostAliases} values`, at));
    return undefined;
  }
}

function issueProblems(text: string, issue: z.core.$ZodIssue, value: unknown, keys: readonly ParsedKey[], kind: ActionKind, at: Span): readonly Problem[] {
  if (issue.code === 'unrecognized_keys') return unknownKeys(text, issue, keys, kind, at);
  const [name, ...inside] = issue.path;
  const found = keys.find((one) => one.name === name);
  if (!found) return [problem('key', `'${String(name)}' is missing`, keys[0]?.at ?? at)];
  const where = spanInside(text, found, inside);
  const written = text.slice(where.start, where.end);
  const near = nearest(written, issue.code === 'invalid_value' ? issue.values.map(String) : []);
  return [problem('value', issueWords(issue, value), where.end > where.start ? where : found.at, near === undefined ? [] : [replacing(where, written, near)])];
}

/** Of the action, or of a mapping inside of it. */
function unknownKeys(text: string, { keys: unknown, path }: z.core.$ZodIssueUnrecognizedKeys, keys: readonly ParsedKey[], kind: ActionKind, at: Span): readonly Problem[] {
  const [first, ...inside] = path;
  const outer = first === undefined ? undefined : keys.find((one) => one.name === first);
  const beside = outer ? keysInside(text, outer, inside) : keys;
  const schema = first === undefined ? undefined : schemaAt(kind, path as readonly (string | number)[]);
  const known = Object.keys(schema ? shapeOf(schema).fields ?? {} : keysOf(kind));
  return unknown.map((name) => {
    const found = beside.find((one) => one.name === name);
    const near = nearest(name, known.filter((other) => !beside.some((one) => one.name === other)));
    const where = found?.at ?? outer?.at ?? at;
    const others = first === undefined ? actionKinds.filter((other) => !actionKinds.some((one) => one === name) && Object.hasOwn(keysOf(other), name)) : [];
    const belongs = others.length === 0 ? '' : `: it belongs to ${listed(others.map((other) => `'${other}'`), 'and')}`;
    return problem('key', `there is no key '${name}' ${first === undefined ? 'here' : `in ${pathWords(path)}`}${belongs}${near === undefined ? '' : `; '${near}' is meant perhaps`}`, where, found ? [
      ...(near === undefined ? [] : [replacing(where, name, near)]), removing(text, found),
    ] : []);
  });
}

function keysInside(text: string, { node }: ParsedKey, path: readonly PropertyKey[]): readonly ParsedKey[] {
  const inner = path.reduce<unknown>((outer, step) => (isSeq(outer) || isMap(outer) ? outer.get(step, true) : undefined), node);
  return isMap(inner) ? inner.items.map((pair) => parsedKey(text, pair as Pair<Node, Node | null>)) : [];
}

function contradicting(text: string, action: Action, keys: readonly ParsedKey[]): readonly Problem[] {
  return idleKeys(action).flatMap(({ keys: wrong, why }) => wrong.flatMap((name) => {
    const found = keys.find((one) => one.name === name);
    return found ? [problem('contradiction', contradictionWords({ keys: [name], why }, (one) => `'${one}'`), found.at, [removing(text, found)])] : [];
  }));
}

/** What is compared needs something to compare it with. */
function unmeasurable({ metrics = [], against }: z.infer<typeof actionSchemas.measure>, keys: readonly ParsedKey[]): readonly Problem[] {
  const wanting = metrics.filter((metric) => metric !== 'sharpness');
  if (against !== undefined || wanting.length === 0) return [];
  return [problem('value', `${wanting.join(' and ')} ${wanting.length === 1 ? 'compares' : 'compare'} with a reference: 'against' is missing`, keys.find(({ name }) => name === 'metrics')!.at)];
}

function unknownNames({ keys }: ParsedAction, names: ReadonlySet<string>, unmade: readonly string[]): readonly Problem[] {
  return nameReferences(keys).flatMap(({ name, at }) => {
    if (names.has(name)) return [];
    if (unmade.includes(name)) return [problem('name', `nothing is named $${name} yet: run the cell that says 'as: ${name}' first`, at)];
    if (!namePattern.test(name)) {
      return [problem('name', `'$${name}' names no result: behind '$' stand letters, digits, _ and -, beginning with a letter; a file of such a name is written './$${name}'`, at, name === '' ? [] : [replacing(at, `$${name}`, `./$${name}`)])];
    }
    const near = nearest(name, [...names, ...unmade]);
    return [problem('name', `nothing before this is named '${name}'${near === undefined ? `; an action that says 'as: ${name}' makes it` : `; '${near}' is meant perhaps`}`, at, near === undefined ? [] : [replacing(at, `$${name}`, `$${near}`)])];
  });
}

/** Behind `|` and `>` YAML ends a text with a line break, which hardly a file has in its name. */
function brokenLines({ keys }: ParsedAction, text: string): readonly Problem[] {
  return fileValues(keys).filter(({ value, at }) => /^[|>]/.test(text.slice(at.start)) && value.endsWith('\n')).map(({ value, at }) => {
    const path = value.trimEnd();
    return problem('value', `this ends with a line break, since it is written behind '${text[at.start]!}': write it behind the colon`, { start: at.start, end: at.start + text.slice(at.start, at.end).trimEnd().length },
      /[\n"\\]/.test(path) ? [] : [{ title: `Change it to '${path}'`, at, text: `"${path}"\n` }]);
  });
}

function parsedKey(text: string, { key, value }: Pair<Node, Node | null>): ParsedKey {
  const at = spanOf(text, key);
  const name = isScalar(key) ? String(key.value) : text.slice(at.start, at.end);
  return { name, at, node: value, value: value?.range ? spanIn(text, value.range[0], value.range[1]) : { start: at.end, end: at.end } };
}

/** The place of what a path leads to inside of a key's value; of what is nearest above it where it leads nowhere. */
function spanInside(text: string, { node, value }: ParsedKey, path: readonly PropertyKey[]): Span {
  let [inner, at] = [node, value];
  for (const step of path) {
    const next = isSeq(inner) || isMap(inner) ? inner.get(step, true) as Node | undefined : undefined;
    if (!next?.range) break;
    [inner, at] = [next, spanIn(text, next.range[0], next.range[1])];
  }
  return at;
}

function spanOf(text: string, node: Node | null | undefined): Span {
  return node?.range ? spanIn(text, node.range[0], node.range[1]) : { start: 0, end: Math.min(1, text.length) };
}

/** Without the white space at its end, and inside of the text. */
function spanIn(text: string, from: number, to: number): Span {
  const start = Math.max(0, Math.min(from, text.length));
  const end = Math.max(start, Math.min(to, text.length));
  return { start, end: start + text.slice(start, end).trimEnd().length };
}

function replacing(at: Span, from: string, to: string): Fix {
  return { title: `Change '${from}' to '${to}'`, at, text: to };
}

/** Takes a key away, with its line where nothing else stands there. */
function removing(text: string, { name, at, value }: ParsedKey): Fix {
  const lineStart = text.lastIndexOf('\n', at.start - 1) + 1;
  const next = text.indexOf('\n', value.end);
  const lineEnd = next === -1 ? text.length : next + 1;
  const comma = /^\s*,[ ]*/.exec(text.slice(value.end))?.[0].length ?? 0;
  const alone = /^[ ]*$/.test(text.slice(lineStart, at.start)) && /^\s*(#.*)?$/.test(text.slice(value.end, lineEnd));
  return { title: `Remove '${name}'`, at: alone ? { start: lineStart, end: lineEnd } : { start: at.start, end: value.end + comma }, text: '' };
}

function listed(words: readonly string[], last: 'or' | 'and' = 'or'): string {
  return words.length === 1 ? words[0]! : `${words.slice(0, -1).join(', ')} ${last} ${words.at(-1)!}`;
}

function problem(code: Problem['code'], message: string, at: Span, fixes: readonly Fix[] = []): Problem {
  return { severity: 'error', code, message, at, fixes };
}

/** With a place inside of the text that can be seen, where the text has any. */
function placed(found: Problem, { length }: string): Problem {
  const start = Math.max(0, Math.min(found.at.start, length - 1));
  return { ...found, at: { start, end: Math.min(length, Math.max(found.at.end, start + 1)) } };
}
