import { KernelFailure } from '../../failure.ts';
import type { Action, CompareAction } from '../../recipe/actions.ts';
import type { Surroundings } from '../../recipe/language/surroundings.ts';
import type { NamedResult } from '../../recipe/outcome.ts';
import { walkPart, type RestoreRequest } from '../../recipe/restoreOptions.ts';
import { fileOf, requestOf, resultFolder, type Place } from '../actions/named.ts';
import { walkedFile } from '../actions/walkedFile.ts';
import { likelyExtension, resultStem } from '../resultStem.ts';
import { comparisonFile, trajectoryFolder } from '../walkFile.ts';

/** What a name stands for: what is there already, or what an action is going to make of it. */
export interface ExpectedResult extends NamedResult {
  readonly made: boolean;
  /** It is a folder of states. */
  readonly folder?: boolean;
}

/** An action that is going to run, and what its values are told by. */
export interface EarlierAction {
  readonly action: Action;
  readonly place: Place;
}

/** What runs, or ran, before an action. */
export interface Before {
  /** What names stand for then. */
  readonly names: readonly ExpectedResult[];
  /** Those that are still going to run. */
  readonly actions: readonly EarlierAction[];
  /** One of them has problems: nobody can tell what it will make. */
  readonly unclear: boolean;
}

/** What runs before the first action of a document: what gives the names of earlier ones. */
export function beforeAll({ folder = '/', names }: Surroundings): Before {
  return names.reduce<Before>((before, { result, action }) => (result ? { ...before, names: [...before.names, { ...result, made: true }] } : after(before, action, folder)), { names: [], actions: [], unclear: false });
}

/** What runs before the action that follows. @param action undefined for one with problems */
export function after({ names, actions, unclear }: Before, action: Action | undefined, folder: string): Before {
  if (!action) return { names, actions, unclear: true };
  const place = { folder, names };
  return { names: [...names, ...namedBy(action, place)], actions: [...actions, { action, place }], unclear };
}

/** What an action gives a name to: one result or, where it gives none or that cannot be told before it runs, none. */
function namedBy(action: Action, place: Place): readonly ExpectedResult[] {
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

/** Of a comparison, what is no axis. */
function fixedOptions(action: CompareAction): RestoreRequest {
  return Object.fromEntries(Object.entries(walkPart(action)).filter(([, value]) => !Array.isArray(value)));
}

function resultOf(action: Action, place: Place): Pick<ExpectedResult, 'path' | 'restored' | 'folder'> | undefined {
  switch (action.kind) {
    case 'restore': {
      const [about, ...others] = [action.value.restore].flat();
      if (about === undefined || others.length > 0) return undefined;
      const { path } = fileOf(about, place);
      const options = requestOf(action.value, place);
      return { path: resultStem(path, options) + likelyExtension(path), restored: { from: path, options } };
    }
    case 'trajectory': {
      const { trajectory, face = 1, frame = 1, formats = [] } = action.value;
      const { path, request } = walkedFile('trajectory', trajectory, face, walkPart(action.value), place);
      return formats.length > 0 ? { path: trajectoryFolder(path, face, frame - 1, resultFolder(action.value, place)), folder: true } : { path, restored: { from: path, options: request } };
    }
    case 'compare': {
      const { compare, face = 1, frame = 1 } = action.value;
      const { path, request } = walkedFile('compare', compare, face, fixedOptions(action.value), place);
      const output = resultFolder(action.value, place);
      return output === undefined ? { path, restored: { from: path, options: request } } : { path: comparisonFile(path, face, frame - 1, output) };
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
