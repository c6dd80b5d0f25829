import { KernelFailure, OptionFailure } from '../../failure.ts';
import type { ParsedAction } from '../../recipe/parsed.ts';
import type { Diagnosis } from '../../recipe/problem.ts';
import { inKeys } from '../inKeys.ts';
import { error, placeOf } from './diagnosis.ts';

/** Tells what the pipeline's own functions refuse of an action, each option once. */
export class ToldOptions {
  private readonly found = new Map<string, Diagnosis>();

  constructor(private readonly action: ParsedAction) {}

  get all(): readonly Diagnosis[] {
    return [...this.found.values()];
  }

  /** @returns what `use` returns; undefined where it refused */
  try<T>(use: () => T): T | undefined {
    try {
      return use();
    } catch (failure) {
      if (!(failure instanceof KernelFailure)) throw failure;
      // of names that stand for nothing yet the document itself tells
      if (failure instanceof OptionFailure && !this.found.has(failure.option)) this.found.set(failure.option, error('value', inKeys(failure.message), placeOf(this.action, failure.option)));
      return undefined;
    }
  }
}
