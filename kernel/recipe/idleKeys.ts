import type { Action } from './actions.ts';
import { contradictions, type Contradiction } from './contradictions.ts';
import { walkOptions, type RestoreRequest } from './restoreOptions.ts';

/** Keys of an action that contradict others, or that nothing would look at because of what others say. */
export function idleKeys(action: Action): readonly Contradiction<string>[] {
  switch (action.kind) {
    case 'restore':
      return contradictions(action.value);
    case 'trajectory': {
      const { output, formats = [] } = action.value;
      const unwritten = output !== undefined && formats.length === 0;
      return [...contradictions(walkOf(action.value)), ...(unwritten ? [{ keys: ['output'], why: 'it says where {formats} are written, and none are asked for' }] : [])];
    }
    case 'compare': {
      const { sampler, ...others } = action.value;
      return contradictions(walkOf(Array.isArray(sampler) ? others : action.value));
    }
    case 'measure': {
      const search = (['faces', 'detector'] as const).filter((name) => action.value[name] !== undefined);
      return action.value.region === 'picture' && search.length > 0 ? [{ keys: search, why: 'no faces are looked for where {region} picture is measured' }] : [];
    }
    case 'show':
      return [];
    default:
      return action satisfies never;
  }
}

function walkOf(value: Readonly<Record<string, unknown>>): RestoreRequest {
  return Object.fromEntries(Object.entries(value).filter(([name]) => Object.hasOwn(walkOptions, name)));
}
