import { closest, distance } from 'fastest-levenshtein';
import { isMap, isPair, isScalar, isSeq, LineCounter, parseDocument, type Document, type Node, type Pair, type YAMLMap } from 'yaml';
import type { z } from 'zod';
import { actionKinds, actionSchemas, type Action, type ActionKind } from './actions.ts';
import { contradictions } from './contradictions.ts';
import { nameReferences } from './names.ts';
import type { ParsedAction, ParsedKey, ParsedRecipe } from './parsed.ts';
import type { Fix, Problem, Span } from './problem.ts';

/** Longer texts are no recipes written by a person; they are refused before they cost time. In UTF-16 units. */
const longest = 1_000_000;
/** An alias that stands for more than so many values is a trap ("billion laughs"). */
const mostAliases = 100;
/** One wrong bracket may cause thousands of complaints; the first tell what is the matter. */
const mostComplaints = 20;

/**
 * Reads a recipe: YAML 1.2, one action (a mapping) or a list of them. Whatever the text is, this returns.
 * @param known names that earlier documents gave to results
 */
export function parseRecipe(text: string, known: Iterable<string> = []): ParsedRecipe {
  const lines = new LineCounter();
  if (text.length > longest) return { text, actions: [], lines, yaml: parseDocument(''), problems: [problem('size', `the recipe is ${text.length} characters long, and at most ${longest} are read`, { start: 0, end: 1 })] };
  const problems: Problem[] = [];
  let yaml: Document.Parsed;
  try {
    yaml = parseDocument(text, { lineCounter: lines, prettyErrors: false, uniqueKeys: true, version: '1.2', schema: 'core' });
  } catch (error) {                                                     // nested deeper than the stack
    return { text, actions: [], lines, yaml: parseDocument(''), problems: [problem('yaml', `this cannot be read as YAML: ${error instanceof Error ? error.message : String(error)}`, { start: 0, end: text.length })] };
  }
  for (const { message, pos } of [...yaml.errors, ...yaml.warnings].slice(0, mostComplaints)) problems.push(problem('yaml', message, spanIn(text, pos[0], pos[1])));
  const root = yaml.contents as Node | null;
  const items = root === null || (isScalar(root) && root.value === null) ? [] : isSeq(root) ? root.items as readonly (Node | Pair | null)[] : [root];
  const names = new Set(known);
  const actions: ParsedAction[] = [];
  for (const item of items) {
    if (isMap(item)) {
      const parsed = parseAction(text, yaml, item, problems);
      if (parsed.action) problems.push(...unknownNames(parsed, names));
      actions.push(parsed);
      const as = parsed.keys.find(({ name }) => name === 'as')?.node;
      if (isScalar(as) && typeof as.value === 'string') names.add(as.value);
    } else {
      problems.push(problem('action', `an action is expected: ${listed(actionKinds)}, a colon, and what it is about`, spanOf(text, isPair(item) ? item.key as Node : item)));
    }
  }
  return { text, actions, problems: problems.sort((a, b) => a.at.start - b.at.start), yaml, lines };
}

function parseAction(text: string, yaml: Document.Parsed, map: YAMLMap, problems: Problem[]): ParsedAction {
  const before = problems.length;
  const keys = map.items.map((pair) => parsedKey(text, pair as Pair<Node, Node | null>));
  const at = spanOf(text, map);
  const restoring = keys.some(({ name }) => name === 'restore');      // a restoration may keep its trajectory
  const kinds = keys.filter(({ name }) => actionKinds.includes(name as ActionKind) && !(restoring && name === 'trajectory'));
  const kind = kinds[0]?.name as ActionKind | undefined;
  for (const { name, at: second } of kinds.slice(1)) {
    problems.push(problem('action', `one action for each entry: this one does '${kind!}' already; begin another with '- ${name}:'`, second));
  }
  if (kind === undefined) {
    problems.push(noAction(keys, at));
    return { kind, action: undefined, at, keys };
  }
  const schema = actionSchemas[kind];
  const value = valueOf(map, yaml, problems, at);
  if (value !== undefined && problems.length === before) {
    const { success, data, error } = schema.safeParse(value);
    for (const issue of error?.issues ?? []) problems.push(...issueProblems(text, issue, keys, schema, at));
    if (success && kind === 'restore') problems.push(...contradicting(text, data as Parameters<typeof contradictions>[0], keys));
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
  } catch (error) {
    problems.push(problem('yaml', `its values cannot be told: ${error instanceof Error ? error.message : String(error)}`, at));
    return undefined;
  }
}

function issueProblems(text: string, issue: z.core.$ZodIssue, keys: readonly ParsedKey[], schema: z.ZodObject, at: Span): readonly Problem[] {
  const known = Object.keys(schema.shape);
  if (issue.code === 'unrecognized_keys' && issue.path.length === 0) {
    return issue.keys.map((name) => {
      const found = keys.find((one) => one.name === name);
      const near = nearest(name, known.filter((other) => !keys.some((one) => one.name === other)));
      const where = found?.at ?? at;
      return problem('key', `there is no key '${name}' here${near === undefined ? '' : `; '${near}' is meant perhaps`}`, where, [
        ...(near === undefined ? [] : [replacing(where, name, near)]), ...(found ? [removing(text, found)] : []),
      ]);
    });
  }
  const [name, ...inside] = issue.path;
  const found = keys.find((one) => one.name === name);
  if (!found) return [problem('key', `'${String(name)}' is missing`, keys[0]?.at ?? at)];
  const where = spanInside(text, found, inside);
  const said = issue.code === 'unrecognized_keys' ? `there is no ${issue.keys.map((one) => `'${one}'`).join(', ')} in it` : issue.message;
  const written = text.slice(where.start, where.end);
  const choices = issue.code === 'invalid_value' ? issue.values.map(String) : [];
  const near = nearest(written, choices);
  return [problem('value', `'${found.name}': ${said}`, where.end > where.start ? where : found.at, near === undefined ? [] : [replacing(where, written, near)])];
}

function contradicting(text: string, request: Parameters<typeof contradictions>[0], keys: readonly ParsedKey[]): readonly Problem[] {
  return contradictions(request).flatMap(({ keys: wrong, why }) => wrong.flatMap((name) => {
    const found = keys.find((one) => one.name === name);
    return found ? [problem('contradiction', `'${name}': ${why.replaceAll(/\{(\w+)\}/g, "'$1'")}`, found.at, [removing(text, found)])] : [];
  }));
}

/** What is compared needs something to compare it with. */
function unmeasurable({ metrics = [], against }: z.infer<typeof actionSchemas.measure>, keys: readonly ParsedKey[]): readonly Problem[] {
  const wanting = metrics.filter((metric) => metric !== 'sharpness');
  if (against !== undefined || wanting.length === 0) return [];
  return [problem('value', `${wanting.join(' and ')} compare with a reference: 'against' is missing`, keys.find(({ name }) => name === 'metrics')!.at)];
}

function unknownNames({ keys }: ParsedAction, names: ReadonlySet<string>): readonly Problem[] {
  return nameReferences(keys).flatMap(({ name, at }) => {
    if (names.has(name)) return [];
    const near = nearest(name, [...names]);
    return [problem('name', `nothing before this is named '${name}'${near === undefined ? `; an action that says 'as: ${name}' makes it` : `; '${near}' is meant perhaps`}`, at, near === undefined ? [] : [replacing(at, `$${name}`, `$${near}`)])];
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

/** The known word that is meant, if one is near. */
function nearest(word: string, known: readonly string[]): string | undefined {
  if (known.length === 0 || word.length === 0 || word.length > 60) return undefined;
  const near = closest(word.toLowerCase(), known.map((one) => one.toLowerCase()));
  const index = known.findIndex((one) => one.toLowerCase() === near);
  return distance(word.toLowerCase(), near) <= (word.length < 4 ? 1 : Math.max(2, Math.floor(word.length / 3))) ? known[index] : undefined;
}

function replacing(at: Span, from: string, to: string): Fix {
  return { title: `Change '${from}' to '${to}'`, at, text: to };
}

/** Takes a key away, with its line where nothing else stands there. */
function removing(text: string, { name, at, value }: ParsedKey): Fix {
  const lineStart = text.lastIndexOf('\n', at.start - 1) + 1;
  const next = text.indexOf('\n', value.end);
  const lineEnd = next === -1 ? text.length : next + 1;
  const alone = /^[ ]*$/.test(text.slice(lineStart, at.start)) && /^\s*(#.*)?$/.test(text.slice(value.end, lineEnd));
  return { title: `Remove '${name}'`, at: alone ? { start: lineStart, end: lineEnd } : { start: at.start, end: value.end }, text: '' };
}

function listed(words: readonly string[]): string {
  return `${words.slice(0, -1).join(', ')} or ${words.at(-1)!}`;
}

function problem(code: Problem['code'], message: string, at: Span, fixes: readonly Fix[] = []): Problem {
  return { severity: 'error', code, message, at: at.end > at.start ? at : { start: at.start, end: at.start + 1 }, fixes };
}
