import type { Memento } from 'vscode';
import type { RestoreRequest } from '../kernel/protocol.ts';
import { sameStamp, type FileStamp } from './settledFile.ts';
import { without } from './without.ts';

/** What a person chose for a file. */
export interface Choices {
  /** What differs from the settings. */
  readonly chosen: RestoreRequest;
  /** Numbers of the faces that stay as they are. */
  readonly leftOut: readonly number[];
}

interface Remembered extends Choices {
  readonly file?: FileStamp;
  /** When it was written, in milliseconds since 1970. */
  readonly at?: number;
}

/** Files that are remembered; what was changed longest ago goes first. */
const most = 200;
const prefix = 'document ';

/** What was chosen for files, over reloads of the window. */
export class DocumentMemory {
  constructor(private readonly memory: Pick<Memento, 'get' | 'keys' | 'update'>, private readonly now: () => number = Date.now) {}

  recall(uri: string, file: FileStamp | undefined): Choices {
    const { chosen = {}, leftOut = [], file: then } = this.memory.get<Partial<Remembered>>(prefix + uri, {});
    const choices = { chosen, leftOut };
    return sameStamp(file, then) ? choices : forAnotherFile(choices);
  }

  remember(uri: string, file: FileStamp | undefined, { chosen, leftOut }: Choices): void {
    void this.memory.update(prefix + uri, { chosen, leftOut, at: this.now(), ...(file ? { file } : {}) } satisfies Remembered);
    const known = this.memory.keys().filter((key) => key.startsWith(prefix) && key !== prefix + uri);
    const age = (key: string): number => this.memory.get<Partial<Remembered>>(key, {}).at ?? 0;
    for (const key of known.sort((a, b) => age(b) - age(a)).slice(most - 1)) void this.memory.update(key, undefined);
  }
}

/** What holds for whatever bears the name: faces have other numbers in another picture, and their walks lead elsewhere. */
export function forAnotherFile({ chosen }: Choices): Choices {
  return { chosen: without(chosen, 'branches'), leftOut: [] };
}
