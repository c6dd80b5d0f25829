import { kindsIn } from '../actions.ts';
import { nameIn } from '../names.ts';
import type { ParsedRecipe } from '../parsed.ts';
import type { Span } from '../problem.ts';
import { schemaAt, shapeOf } from '../valueShape.ts';
import { wordsOf } from '../words.ts';
import { namesOf, scalarsOf, type FoundScalar } from './scalars.ts';

/** Types of tokens as editors colour them: names of the protocol's own. */
export const tokenTypes = ['keyword', 'property', 'enumMember', 'variable', 'number', 'string'] as const;
export const tokenModifiers = ['declaration'] as const;

export interface Token {
  readonly at: Span;
  readonly type: (typeof tokenTypes)[number];
  readonly declares: boolean;
}

/** What each word of a document is; in the order of the text, none over another, none over the end of a line. */
export function tokens({ text, yaml }: ParsedRecipe): readonly Token[] {
  const found: Token[] = [];
  let from = 0;
  for (const scalar of scalarsOf(yaml)) {
    const type = typeOf(scalar);
    const [start, end] = scalar.node.range;
    // of an alias or a block a scalar may stand elsewhere
    if (!type || start < from || end <= start || text.slice(start, end).includes('\n')) continue;
    found.push({ at: { start, end }, type, declares: scalar.role === 'value' && scalar.path.length === 1 && scalar.path[0] === 'as' });
    from = end;
  }
  return found;
}

function typeOf({ node: { value }, role, path, action }: FoundScalar): Token['type'] | undefined {
  const kind = kindsIn(namesOf(action))[0];
  if (kind === undefined) return undefined;
  if (role === 'key') return path.length === 0 && value === kind ? 'keyword' : schemaAt(kind, [...path, String(value)]) ? 'property' : undefined;
  if (typeof value === 'number') return 'number';
  if (typeof value === 'boolean') return 'enumMember';
  if (typeof value !== 'string') return undefined;
  if (path.length === 1 && path[0] === 'as') return 'variable';
  const schema = schemaAt(kind, path);
  const declared = schemaAt(kind, path.filter((step) => typeof step === 'string'));
  const words = declared && wordsOf(declared);
  if (words?.completes === 'picture or clip') return nameIn(value) === undefined ? 'string' : 'variable';
  if (words?.completes === 'folder') return 'string';
  if (words?.completes === 'model' || words?.completes === 'device') return 'enumMember';
  return (schema && shapeOf(schema).choices.includes(value)) === true || (words?.choices && Object.hasOwn(words.choices, value)) === true ? 'enumMember' : 'string';
}
