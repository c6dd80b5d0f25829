import type { RestoreRequest } from '../kernel/protocol.ts';
import type { WalkRef } from '../webview/protocol.ts';
import { forAnotherFile, type DocumentMemory } from './documentMemory.ts';
import { mergedOptions } from './mergedOptions.ts';
import { sameStamp, type FileStamp } from './settledFile.ts';
import { without } from './without.ts';

/** How a file is restored: the settings, and on top of them what was chosen for it, which is remembered. */
export class DocumentOptions {
  private chosen: RestoreRequest;
  private out: readonly number[];

  /** @param settings what they say now */
  constructor(private readonly memory: DocumentMemory, private readonly uri: string, private stamp: FileStamp | undefined, private readonly settings: () => RestoreRequest) {
    const { chosen, leftOut } = memory.recall(uri, stamp);
    this.chosen = chosen;
    this.out = leftOut;
  }

  get all(): RestoreRequest {
    return mergedOptions(this.settings(), this.chosen);
  }

  /** Numbers of the faces that stay as they are; of those that would without a choice, the ones that do not. */
  get leftOut(): readonly number[] {
    return this.out;
  }

  /** What differs from the settings is chosen for this file; the rest follows them. */
  choose(asked: RestoreRequest): void {
    const settings = this.settings();
    const options = withoutStrayBranches(asked, this.all);
    this.chosen = Object.fromEntries(Object.entries(options).filter(([name, value]) => name !== 'output' && name !== 'suffix' && JSON.stringify(settings[name as keyof RestoreRequest]) !== JSON.stringify(value)));
    this.remember();
  }

  /** The settings have changed. @param before what they and the choices came to */
  followSettings(before: RestoreRequest): void {
    if (this.chosen.branches === undefined || withoutStrayBranches(this.all, before).branches !== undefined) return;
    this.chosen = without(this.chosen, 'branches');
    this.remember();
  }

  leaveOut(number: number, out: boolean): void {
    const rest = this.out.filter((other) => other !== number);
    this.out = out ? [...rest, number].sort((a, b) => a - b) : rest;
    this.remember();
  }

  /** Of the faces these are chosen otherwise than they are without a choice, and no others. */
  leaveOutOnly(numbers: readonly number[]): void {
    this.out = [...numbers].sort((a, b) => a - b);
    this.remember();
  }

  /** Lets a face take the turns of a walk; none: those of the restoration. */
  branch({ face, turns }: WalkRef): void {
    const { branches = [], ...rest } = this.all;
    const all = [...branches.filter((branch) => branch.face !== face), ...(turns.length === 0 ? [] : [{ face, turns }])];
    this.choose(all.length === 0 ? rest : { ...rest, branches: all });
  }

  /** Blends the estimate in where seeds disagree, in all faces. */
  blend(blend: { readonly seeds: number; readonly above: number } | null): void {
    const rest = without(this.all, 'blend');
    const everywhere = this.settings().blend !== undefined;
    this.choose(blend || everywhere ? { ...rest, blend: blend ?? 'none' } : rest);
  }

  /** There is a file of this name: what holds of the faces of another is forgotten. */
  found(stamp: FileStamp): void {
    if (sameStamp(stamp, this.stamp)) return;
    this.stamp = stamp;
    const { chosen, leftOut } = forAnotherFile({ chosen: this.chosen, leftOut: this.out });
    this.chosen = chosen;
    this.out = leftOut;
    this.remember();
  }

  private remember(): void {
    this.memory.remember(this.uri, this.stamp, { chosen: this.chosen, leftOut: this.out });
  }
}

/** Branches belong to one walk: with another seed or recipe they lead elsewhere. */
function withoutStrayBranches(asked: RestoreRequest, before: RestoreRequest): RestoreRequest {
  if ((['model', 'sampler', 'start', 'steps', 'eta', 'seed'] as const).every((name) => asked[name] === before[name])) return asked;
  return without(asked, 'branches');
}
