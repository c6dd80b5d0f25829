import { kindsIn, type ActionKind } from '../actions.ts';
import { nameIn } from '../names.ts';
import type { ParsedRecipe } from '../parsed.ts';
import type { Span } from '../problem.ts';
import { keyAt, keysOf, schemaAt, shapeOf } from '../valueShape.ts';
import { wordsOf } from '../words.ts';
import { givenNames } from './naming.ts';
import { resolved } from './paths.ts';
import { namesOf, scalarsOf, type FoundScalar } from './scalars.ts';
import type { EditedSurroundings, KnownName, Surroundings } from './surroundings.ts';
import { modelWords } from './valueCompletion.ts';
import { actionWords, choiceWords, keyWords, literally, sizeWords } from './words.ts';

export interface Hovered {
  readonly at: Span;
  /** Markdown. */
  readonly text: string;
}

/** What is known about the key or the value at a place. */
export async function hover(recipe: ParsedRecipe, offset: number, around: EditedSurroundings): Promise<Hovered | undefined> {
  for (const scalar of scalarsOf(recipe.yaml)) {
    const [start, end] = scalar.node.range;
    if (offset < start || offset > end) continue;
    const kind = kindsIn(namesOf(scalar.action))[0];
    const text = kind && (scalar.role === 'key' ? aboutKey(scalar, kind) : await aboutValue(scalar, kind, around, recipe));
    return text === undefined ? undefined : { at: { start, end }, text };
  }
  return undefined;
}

function aboutKey({ node, path }: FoundScalar, kind: ActionKind): string | undefined {
  const name = String(node.value);
  if (path.length === 0 && name === kind) return `${actionWords(kind)}\n\n${keyWords(name, keysOf(kind)[kind]!)}`;
  const schema = schemaAt(kind, [...path, name]);
  return schema && keyWords(name, schema);
}

async function aboutValue({ node: { value, range }, path, action }: FoundScalar, kind: ActionKind, around: EditedSurroundings, recipe: ParsedRecipe): Promise<string | undefined> {
  const schema = schemaAt(kind, path);
  const { name, schema: keySchema } = keyAt(kind, path);
  const words = keySchema && wordsOf(keySchema);
  const choice = choiceWords(keySchema, String(value));
  if (choice !== undefined) return `\`${String(value)}\`: ${choice}${await networkWords(name, String(value), around)}`;
  if (typeof value !== 'string' || !schema) return undefined;
  const completes = words?.completes;
  switch (completes) {
    case 'picture or clip':
      return nameIn(value) === undefined ? fileWords(value, around) : aboutName(value.slice(1), [...around.names, ...givenNames(recipe, range[0])]);
    case 'model':
      return (await around.models()).filter(({ name }) => name === value).map(modelWords)[0] ?? (value === 'identity' ? 'Faces are found, cropped and pasted, and not changed.' : await fileWords(value, around));
    case 'device':
      return deviceWords(value, around);
    case 'folder':
      return fileWords(value, around);
    case 'name':
    case undefined:
      return path[0] === 'as' && action ? `The result of \`${kind}\`; later actions call it \`$${value}\`.` : shapeOf(schema).choices.length > 0 ? keyWords(name, keySchema ?? schema) : undefined;
    default:
      return completes satisfies never;
  }
}

async function fileWords(path: string, around: Surroundings): Promise<string | undefined> {
  const absolute = resolved(path, around);
  if (absolute === undefined) return undefined;
  const entry = await around.entry(absolute);
  if (!entry) return `${literally(absolute)}\n\nThere is nothing yet.`;
  return `${literally(absolute)}\n\n${entry.kind === 'other' ? 'A file' : `A ${entry.kind}`}${entry.bytes === undefined ? '' : `, ${sizeWords(entry.bytes)}`}.`;
}

/** @param before in their order: the latest that bears the name is meant */
function aboutName(name: string, before: readonly KnownName[]): string {
  const made = before.findLast((known) => known.name === name);
  return made ? `\`$${name}\`: the result of \`${made.kind}\` of ${literally(made.about)}.` : `Nothing before this is named \`${name}\`.`;
}

async function deviceWords(name: string, around: Surroundings): Promise<string | undefined> {
  if (name === 'auto') return 'The fastest device that computes the right numbers.';
  const known = (await around.devices()).find((device) => device.name === name);
  return known && `\`${name}\`: ${known.usable === undefined ? 'not tried yet' : known.usable ? 'usable' : 'cannot be used'} (${literally(known.reason)})`;
}

async function networkWords(key: string, value: string, around: Surroundings): Promise<string> {
  const known = key === 'detector' ? await around.detectors() : key === 'mask' || key === 'background' ? await around.helpers() : [];
  return known.some(({ name, installed }) => name === value && !installed) ? '\n\nIts weights are not installed.' : '';
}

