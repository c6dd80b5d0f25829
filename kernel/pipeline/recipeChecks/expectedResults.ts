import { dirname, extname, join } from 'node:path';
import { KernelFailure } from '../../failure.ts';
import type { Action } from '../../recipe/actions.ts';
import type { Surroundings } from '../../recipe/language/surroundings.ts';
import type { NamedResult } from '../../recipe/outcome.ts';
import { fileOf, requestOf, type Place } from '../actions/named.ts';
import { walkedFile, walkPart } from '../actions/walkedFile.ts';
import { resultStem } from '../resultStem.ts';

/** What a name stands for: what is there already, or what an action is going to make of it. */
export interface ExpectedResult extends NamedResult {
  readonly made: boolean;
  /** It is a folder of states. */
  readonly folder?: boolean;
}

/** What the names of earlier documents stand for. */
export function earlierResults({ folder = '/', names }: Surroundings): readonly ExpectedResult[] {
  const results: ExpectedResult[] = [];
  for (const { result, action } of names) {
    if (result) results.push({ ...result, made: true });
    else if (action) results.push(...expectedOf(action, { folder, names: results }));
  }
  return results;
}

/** What an action gives a name to: one result or, where it gives none or that cannot be told before it runs, none. */
export function expectedOf(action: Action, place: Place): readonly ExpectedResult[] {
  const name = action.kind === 'show' ? undefined : action.value.as;
  if (name === undefined) return [];
  try {
    const found = resultOf(action, place);
    return found ? [{ name, made: false, ...found }] : [];
  } catch (error) {
    if (error instanceof KernelFailure) return [];                      // what is wrong with the action is told where it stands
    throw error;
  }
}

function resultOf(action: Action, place: Place): Pick<ExpectedResult, 'path' | 'restored' | 'folder'> | undefined {
  switch (action.kind) {
    case 'restore': {
      const [about, ...others] = [action.value.restore].flat();
      if (about === undefined || others.length > 0) return undefined;
      const { path } = fileOf(about, place);
      const options = requestOf(action.value, place);
      return { path: resultStem(path, options) + extname(path), restored: { from: path, options } };
    }
    case 'trajectory': {
      const { trajectory, face = 1, formats = [], output } = action.value;
      const { path, request } = walkedFile('trajectory', trajectory, face, walkPart(action.value), place);
      return formats.length > 0 ? { path: output ?? dirname(path), folder: true } : { path, restored: { from: path, options: request } };
    }
    case 'compare': {
      const { compare, face = 1, output } = action.value;
      const shared = Object.fromEntries(Object.entries(walkPart(action.value)).filter(([, value]) => !Array.isArray(value)));
      const { path, request } = walkedFile('compare', compare, face, shared, place);
      return output === undefined ? { path, restored: { from: path, options: request } } : { path: join(output, 'comparison.png') };
    }
    case 'measure': {
      const { path } = fileOf([action.value.measure].flat()[0]!, place);
      return { path };
    }
    case 'show':
      return undefined;
    default:
      return action satisfies never;
  }
}
