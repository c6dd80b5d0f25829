import { isMap, isPair, isScalar, isSeq, LineCounter, visit, type Alias, type Document, type Node, type Pair, type YAMLMap } from 'yaml';
import type { z } from 'zod';
import { actionKinds, actionSchemas, kindsIn, namePattern, type Action, type ActionKind } from './actions.ts';
import { contradictionWords } from './contradictions.ts';
import { idleKeys } from './idleKeys.ts';
import { fixOf, mend } from './edits.ts';
import { removing, replacing } from './fixes.ts';
import { listed } from './issueWords.ts';
import { layoutSlips } from './layoutSlips.ts';
import { fileValues, nameReferences } from './names.ts';
import { nearest } from './nearest.ts';
import type { ParsedAction, ParsedKey, ParsedRecipe } from './parsed.ts';
import { parsedKey } from './parsedKeys.ts';
import { problem, type Problem, type Span } from './problem.ts';
import { readYaml } from './readYaml.ts';
import { spanIn, spanOf } from './spans.ts';
import { issueProblems } from './valueProblems.ts';
import { keysOf, shapeOf } from './valueShape.ts';
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

/** What earlier documents name: results that are there, and those of cells that have not run. */
interface Names {
  readonly known: readonly string[];
  readonly unmade: readonly string[];
}

/**
 * Reads a recipe: YAML 1.2, one action (a mapping) or a list of them. Whatever the text is, this returns.
 * @param known names that earlier documents gave to results
 * @param unmade names that cells above are going to give, when they run
 */
export function parseRecipe(text: string, known: Iterable<string> = [], unmade: readonly string[] = []): ParsedRecipe {
  const names = { known: [...known], unmade };
  const read = readRecipe(text, names);
  return read.problems.length === 0 || read.actions.length === 0 && read.problems[0]!.code === 'size' ? read : withSlips(read, names);
}

/** Where lines are laid out wrongly YAML understands something else, and complains of that: the slip is told in its place, and what is wrong beside it. */
function withSlips(read: ParsedRecipe, names: Names): ParsedRecipe {
  const { text, yaml, problems } = read;
  const slips = layoutSlips(text);
  for (const some of slips.length > 1 ? [slips, slips.slice(0, 1)] : slips.length === 1 ? [slips] : []) {
    const mended = mend(text, some.flatMap(({ edits }) => edits));
    const recipe = readRecipe(mended.text, names);
    const fewer = yaml.errors.length - recipe.yaml.errors.length;
    if (fewer < 0 || (fewer === 0 && recipe.problems.length >= problems.length && understood(recipe) <= understood(read))) continue;
    const back = <P extends Problem>(found: P): P => placed(mended.back(found), text);
    const told = some.map(({ message, at, fix, edits }) => problem('yaml', message, at, [fixOf(text, fix, edits)]));
    const others = recipe.problems.map(back).filter(({ code, at }) => code !== 'value' || !told.some((slip) => slip.at.start === at.start));   // a value that is open is none yet
    return { ...read, problems: tidied([...told, ...others], text), meant: { recipe, back } };
  }
  return read;
}

/** How many of its actions say what is to be done. */
function understood({ actions }: ParsedRecipe): number {
  return actions.filter(({ kind }) => kind !== undefined).length;
}

function readRecipe(text: string, { known, unmade }: Names): ParsedRecipe {
  const lines = new LineCounter();
  const unread = (code: 'size' | 'yaml', message: string): ParsedRecipe => ({ text, actions: [], lines, yaml: readYaml('').yaml, problems: tidied([problem(code, message, { start: 0, end: 1 })], text) });
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
      if (parsed.action) problems.push(...unknownNames(parsed, names, unmade), ...brokenLines(parsed, text), ...tightEntries(parsed, text));
      actions.push(parsed);
      const as = parsed.keys.find(({ name }) => name === 'as')?.node;
      if (isScalar(as) && typeof as.value === 'string') names.add(as.value);
    } else {
      problems.push(problem('action', `an action is expected: ${listed(actionKinds)}, a colon, and what it is about`, spanOf(text, isPair(item) ? item.key as Node : item)));
    }
  }
  // a word that is no key lacks its colon and value, too: it is told once
  const once = problems.filter(({ code, at }) => code !== 'yaml' || !problems.some((other) => other.code === 'key' && other.at.start === at.start && other.at.end === at.end));
  return { text, actions, problems: tidied(once, text), yaml, lines };
}

function parseAction(text: string, yaml: Document.Parsed, map: YAMLMap, problems: Problem[]): ParsedAction {
  const before = problems.length;
  const keys = map.items.map((pair) => parsedKey(text, pair as Pair<Node, Node | null>));
  const at = spanOf(text, map);
  const kinds = kindsIn(keys.map(({ name }) => name));
  const [kind] = kinds;
  for (const { name, at: second } of keys.filter((one) => one.name !== kind && kinds.includes(one.name as ActionKind))) {
    problems.push(problem('action', `one action for each entry: this one does '${kind!}' already; begin another with '- ${name}:'`, second));
  }
  const merged = keys.find(({ name }) => name === '<<');
  if (merged) problems.push(problem('key', "nothing is merged in recipes: write the keys out here in place of '<<'", merged.at, [removing(text, merged)]));
  if (kind === undefined) {
    if (!merged) problems.push(noAction(text, keys, at, map.flow === true));
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

/** @param flow it is written between braces, where no dash is */
function noAction(text: string, keys: readonly ParsedKey[], at: Span, flow: boolean): Problem {
  for (const { name, at: where } of keys) {
    const word = name.replace(/^[-\u2012-\u2015\u2212]\s*/, '');         // dashes that are none in YAML, too
    const kind = nearest(word, actionKinds);
    const entry = word !== name && !flow && !/-[ \t]+$/.test(text.slice(0, where.start));
    const near = kind !== undefined && entry ? `- ${kind}` : kind;
    if (near !== undefined) return problem('action', `there is no action '${name}'; '${near}' is meant perhaps`, where, [replacing(where, name, near)]);
  }
  return problem('action', `nothing says what is to be done: ${listed(actionKinds)} is expected`, keys[0]?.at ?? at);
}

function valueOf(map: YAMLMap, yaml: Document.Parsed, problems: Problem[], at: Span): unknown {
  try {
    return map.toJS(yaml, { maxAliasCount: mostAliases });
  } catch {
    const pattern = patternIn(map, yaml);
    if (pattern?.range) problems.push(problem('value', `patterns such as '*${pattern.source}' are not known here: name the files, or their folder`, { start: pattern.range[0], end: pattern.range[1] }));
    else if (yaml.errors.length === 0) problems.push(problem('yaml', `its values cannot be told: its aliases stand for nothing, or for more than ${mostAliases} values`, at));
    return undefined;
  }
}

/** `*.png`, which YAML takes for an alias. */
function patternIn(map: YAMLMap, yaml: Document.Parsed): Alias | undefined {
  let found: Alias | undefined;
  visit(map, { Alias: (_, alias) => {
    if (!/[./*]/.test(alias.source) || alias.resolve(yaml)) return undefined;
    found = alias;
    return visit.BREAK;
  } });
  return found;
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

function unknownNames({ kind, keys }: ParsedAction, names: ReadonlySet<string>, unmade: readonly string[]): readonly Problem[] {
  return nameReferences(keys).flatMap(({ name, at }) => {
    if (names.has(name)) return [];
    if (unmade.includes(name)) return [problem('name', `nothing is named $${name} yet: run the cell that says 'as: ${name}' first`, at)];
    const several = `$${name}`.split(/\s*,\s*/);
    const key = keys.find(({ value }) => value.start === at.start);
    if (several.length > 1 && !several.includes('') && kind && key && shapeOf(keysOf(kind)[key.name]!).element) {
      const list = `[${several.join(', ')}]`;
      return [problem('name', `several files are a list: ${list}`, at, [replacing(at, `$${name}`, list)])];
    }
    if (!namePattern.test(name)) {
      return [problem('name', `'$${name}' names no result: behind '$' stand letters, digits, _ and -, beginning with a letter; a file of such a name is written './$${name}'`, at, name === '' ? [] : [replacing(at, `$${name}`, `./$${name}`)])];
    }
    const near = nearest(name, [...names, ...unmade]);
    return [problem('name', `nothing before this is named '${name}'${near === undefined ? `; an action that says 'as: ${name}' makes it` : `; '${near}' is meant perhaps`}`, at, near === undefined ? [] : [replacing(at, `$${name}`, `$${near}`)])];
  });
}

/** What no file has in its name. */
function brokenLines({ keys }: ParsedAction, text: string): readonly Problem[] {
  return fileValues(keys).filter(({ broken }) => broken).map(({ value: path, at }) => problem('value', `this ends with a line break, since it is written behind '${text[at.start]!}': write it behind the colon`, spanIn(text, at.start, at.end),
    /[\n"\\]/.test(path) ? [] : [{ title: `Change it to '${path}'`, at, text: `"${path}"\n` }]));
}

/** Lines with dashes that YAML takes for one name. */
function tightEntries({ keys }: ParsedAction, text: string): readonly Problem[] {
  return fileValues(keys).filter(({ at }) => /^(?:-[^\s-].*\n\s*-[^-]|[^"'|>].*\n\s*-\s)/.test(text.slice(at.start, at.end))).map(({ at }) => problem('value', 'these lines are read as one name: the dashes of a list stand in one column, with a space behind each', spanIn(text, at.start, at.end)));
}

/** In the order of the text. */
function tidied(problems: readonly Problem[], text: string): readonly Problem[] {
  return problems.map((one) => placed(one, text)).sort((a, b) => a.at.start - b.at.start).slice(0, mostProblems);
}

/** With a place inside of the text that can be seen, where the text has any. */
function placed<P extends Problem>(found: P, { length }: string): P {
  const start = Math.max(0, Math.min(found.at.start, length - 1));
  return { ...found, at: { start, end: Math.min(length, Math.max(found.at.end, start + 1)) } };
}
