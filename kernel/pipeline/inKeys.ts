import { KernelFailure, reworded } from '../failure.ts';
import { actionKinds } from '../recipe/actions.ts';
import { keysOf } from '../recipe/valueShape.ts';

/** The pipeline calls options as the command line does (`--match-colours`); whoever reads a recipe knows them as its keys. */
export function inKeys(message: string): string {
  return message.replaceAll(/--([a-z]+(?:-[a-z]+)*)/g, (flag, words: string) => {
    const name = words.replaceAll(/-(.)/g, (_, letter: string) => letter.toUpperCase());
    return actionKinds.some((kind) => Object.hasOwn(keysOf(kind), name)) ? `'${name}'` : flag;
  });
}

/** The same error, speaking of keys where a person is to read it. */
export function errorInKeys(error: unknown): unknown {
  if (!(error instanceof KernelFailure)) return error;
  const message = inKeys(error.message);
  return message === error.message ? error : reworded(error, message);
}
