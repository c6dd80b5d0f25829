import type { Action } from './actions.ts';
import { contradictions, type Contradiction } from './contradictions.ts';
import { walkPart } from './restoreOptions.ts';

/** Keys of an action that contradict others, or that nothing would look at because of what others say. */
export function idleKeys(action: Action): readonly Contradiction<string>[] {
  switch (action.kind) {
    case 'restore':
      return contradictions(action.value);
    case 'trajectory': {
      const { output, formats = [] } = action.value;
      const unwritten = output !== undefined && formats.length === 0;
      return [...contradictions(walkPart(action.value)), ...(unwritten ? [{ keys: ['output'], why: 'it says where {formats} are written, and none are asked for' }] : [])];
    }
    case 'compare': {
      const { sampler, ...others } = action.value;
      return contradictions(walkPart(Array.isArray(sampler) ? others : action.value));
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
