import { commands, Uri, workspace, type Memento } from 'vscode';
import { defaultSuffix } from './defaults.ts';
import { originalsOf } from './resultName.ts';

/** Results that are remembered; the oldest go first. */
const most = 500;
const key = 'origins of results';

/** Which original a result was made of: results may lie in another folder and bear any suffix. */
export class Origins {
  /** @param recorded the original that the lockfile beside a result names */
  constructor(private readonly memory: Memento, readonly recorded: (result: string) => Promise<string | undefined>) {
    this.tell();
  }

  remember(result: string, original: string): void {
    const entries = Object.entries(this.all).filter(([known]) => known !== result).slice(1 - most);
    void this.memory.update(key, Object.fromEntries([...entries, [result, original]])).then(() => {
      this.tell();
    });
  }

  of(result: string): string | undefined {
    return this.all[result];
  }

  private get all(): Readonly<Record<string, string>> {
    return this.memory.get<Record<string, string>>(key, {});
  }

  /** The menus offer to compare what is in this list. */
  private tell(): void {
    void commands.executeCommand('setContext', 'difface.results', Object.keys(this.all));
  }
}

/** The original a result was made of: the one remembered, the one its lockfile names, or the one beside it by its name. */
export async function originalOf(result: Uri, origins: Origins): Promise<Uri | undefined> {
  const suffix = workspace.getConfiguration('difface', result).get<string>('outputSuffix', defaultSuffix);
  const remembered = origins.of(result.fsPath);
  const recorded = remembered === undefined ? await origins.recorded(result.fsPath) : undefined;
  for (const path of [...(remembered === undefined ? [] : [remembered]), ...(recorded === undefined ? [] : [recorded]), ...originalsOf(result.fsPath, suffix)]) {
    const original = Uri.file(path);
    try {
      await workspace.fs.stat(original);
      return original;
    } catch {
      // the next candidate
    }
  }
  return undefined;
}
