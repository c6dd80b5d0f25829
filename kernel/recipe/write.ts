import { Document, isCollection, isMap, isPair, isScalar, isSeq, visit, type Node } from 'yaml';
import { actionSchemas, type RestoreAction } from './actions.ts';
import { standing, type RestoreRequest } from './restoreOptions.ts';

/** The options that say something: without those that say what would hold anyway. */
export function telling(request: RestoreRequest): RestoreRequest {
  const known: Readonly<Record<string, unknown>> = standing;
  return Object.fromEntries(Object.entries(request).filter(([name, value]) => JSON.stringify(known[name]) !== JSON.stringify(value)));
}

/** Rows of numbers and short lists stand on one line. */
const oneLine = 12;

/**
 * A restoration as the text of a recipe: keys in the order in which they are declared, whatever order they came in.
 * @param comment stands above it, one line for each
 */
export function writeRestore(action: RestoreAction, comment: readonly string[] = []): string {
  const known = action as Readonly<Record<string, unknown>>;
  const ordered = Object.keys(actionSchemas.restore.shape).filter((name) => known[name] !== undefined).map((name) => [name, known[name]] as const);
  const first = (name: string): number => (name === 'restore' ? 0 : name === 'as' ? 1 : name === 'locked' ? 3 : 2);
  const document = new Document(Object.fromEntries(ordered.sort(([a], [b]) => first(a) - first(b))), { version: '1.2', aliasDuplicateObjects: false });
  visit(document, {
    Collection: (_, node) => {
      if (isShort(node)) (node as { flow?: boolean }).flow = true;
    },
  });
  if (comment.length > 0) document.commentBefore = comment.map((line) => ` ${line}`).join('\n');
  return document.toString({ lineWidth: 0, flowCollectionPadding: true });
}

function isShort(node: unknown): boolean {
  if (isSeq(node)) return node.items.length <= oneLine && node.items.every((item) => isScalar(item) || (isSeq(item) && isShort(item)));
  return isMap(node) && node.items.length > 0 && node.items.length <= 4 && node.items.every((pair) => isPair(pair) && !isCollection(pair.value as Node)) && lengthOf(node) < 120;
}

function lengthOf(node: Node): number {
  return JSON.stringify(node.toJSON()).length;
}
