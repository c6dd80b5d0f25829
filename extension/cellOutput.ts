import { homedir } from 'node:os';
import { isAbsolute } from 'node:path';
import type { ActionOutcome, LinkedFile, Shown } from '../kernel/protocol.ts';
import type { OutcomeMime, StoredOutcome } from '../webview/protocol.ts';
import { inEditorWords } from './editorWords.ts';
import { storedName, storedPath, withoutMachine } from './storedPaths.ts';

export const outcomeMime: OutcomeMime = 'application/vnd.difface+json';

/** One of the forms in which a notebook keeps the same output. */
export interface OutputItem {
  readonly mime: string;
  readonly data: Uint8Array;
}

const encoder = new TextEncoder();

/** What a cell keeps of an action: for our renderer, as a picture, and in words. @param folder the notebook's */
export function outputItems(outcome: ActionOutcome, folder: string): readonly OutputItem[] {
  const stored = storedOutcome(outcome, folder);
  return [
    { mime: outcomeMime, data: encoder.encode(JSON.stringify(stored)) },
    ...(outcome.picture ? [{ mime: outcome.picture.mime, data: Buffer.from(outcome.picture.data, 'base64') }] : []),
    { mime: 'text/plain', data: encoder.encode(inWords(stored)) },
  ];
}

function storedOutcome({ kind, shown, links, notes, named }: ActionOutcome, folder: string): StoredOutcome {
  const local = (text: string): string => withoutMachine(text, folder, homedir());
  const name = named && storedName(folder, named);
  return {
    version: 1, kind, notes: notes.map((note) => local(inEditorWords(note))), ...(name ? { named: name } : {}),
    shown: shown.map((one): Shown => ({ ...one, title: local(one.title), text: local(one.text) })),
    links: links.flatMap(({ title, path }): LinkedFile[] => {
      const way = isAbsolute(path) ? storedPath(folder, path) : path.replaceAll('\\', '/');
      return way === undefined ? [] : [{ title, path: way }];
    }),
  };
}

/** All that is shown, for whoever has no renderer of ours. */
function inWords({ shown, links, notes }: StoredOutcome): string {
  const texts = [...shown.map(({ text }) => text), ...notes, ...links.map(({ title, path }) => (title === path ? path : `${title}: ${path}`))];
  return texts.filter((text) => text !== '').join('\n');
}

/** An outcome that stands in a notebook; undefined for what is none, or none of this version. */
export function readOutcome(data: Uint8Array): StoredOutcome | undefined {
  try {
    const read = JSON.parse(new TextDecoder().decode(data)) as Partial<StoredOutcome> | null;
    return read?.version === 1 && Array.isArray(read.shown) ? read as StoredOutcome : undefined;
  } catch {
    return undefined;
  }
}
