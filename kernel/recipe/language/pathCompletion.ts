import type { KeyWords } from '../words.ts';
import type { Caret } from './caret.ts';
import { valueText, type Completion } from './completed.ts';
import { resolved, split } from './paths.ts';
import type { FoundEntry, Surroundings } from './surroundings.ts';
import { sizeWords } from './words.ts';

/** Files and folders that a path may go on with, folders first. */
export async function pathCompletions(caret: Caret, wanted: NonNullable<KeyWords['completes']>, around: Surroundings): Promise<readonly Completion[]> {
  const [folder, name] = split(caret.prefix);
  if (folder === '' && name.startsWith('$')) return [];
  const path = resolved(folder === '' ? '.' : folder, around);
  // a model is a word, too: its folders are offered once a path is written
  if (path === undefined || (wanted === 'model' && folder === '' && !name.startsWith('.'))) return [];
  const entries = (await around.files(path)).filter(({ name: other, kind }) => fits(kind, wanted) && (name.startsWith('.') || !other.startsWith('.'))).sort((a, b) => (a.name < b.name ? -1 : 1));
  const up: readonly FoundEntry[] = /^(\.\.\/)*$/.test(folder) && name.startsWith('.') ? [{ name: '..', kind: 'folder' }] : [];
  return [...up, ...entries].map((entry) => {
    const path = folder === '' && entry.name.startsWith('$') ? `./${entry.name}` : folder + entry.name;   // a name of a result begins so
    const inside = entry.kind === 'folder' ? `${path}/` : path;
    return {
      label: entry.kind === 'folder' ? `${entry.name}/` : entry.name, filter: inside, kind: entry.kind === 'folder' ? 'folder' : 'file', at: caret.at, ...valueText(caret, inside, entry.kind === 'folder'),
      detail: entry.kind === 'folder' ? '' : `${entry.kind}${entry.bytes === undefined ? '' : `, ${sizeWords(entry.bytes)}`}`, again: entry.kind === 'folder', order: entry.kind === 'folder' ? 20 : 30,
    };
  });
}

function fits(kind: FoundEntry['kind'], wanted: NonNullable<KeyWords['completes']>): boolean {
  return kind === 'folder' || (wanted === 'picture or clip' && kind !== 'other');
}
