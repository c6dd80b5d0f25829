import { OptionFailure } from '../../failure.ts';
import { contradictions, contradictionWords } from '../../recipe/contradictions.ts';
import { hasWalk, walkPart, type RestoreRequest } from '../../recipe/restoreOptions.ts';
import type { Turn } from '../../trajectory/walkTypes.ts';
import { fileOf, requestOf, type Place } from './named.ts';

/** What a trajectory or a comparison is of: an original, how it is restored, and the turns of the face's walk. */
export interface WalkedFile {
  readonly path: string;
  readonly request: RestoreRequest;
  readonly turns: readonly Turn[];
}

/**
 * The file an action walks in. The `$name` of a restoration means its original and its options; what the action says itself counts more. Another model brings its own
 * sampler, start, steps and eta along, another sampler its own steps and eta.
 * @param given of the action: one value for each key
 * @throws OptionFailure('usage') for a restoration without a walk, and for options that do not go together
 */
export function walkedFile(kind: 'trajectory' | 'compare', about: string, face: number, given: RestoreRequest, job: Place): WalkedFile {
  const file = fileOf(about, job);
  const own = requestOf(given, job);
  if (!file.restored) return { path: file.path, request: checked(own), turns: [] };
  const { from, options } = file.restored;
  if (!hasWalk(options)) throw new OptionFailure('usage', kind, `${about} was restored without a walk: there are no states to look into`);
  const request = checked({ ...inherited(walkPart(options), own), ...own });
  const turns = (['model', 'sampler', 'start', 'steps', 'eta', 'seed'] as const).some((name) => own[name] !== undefined) ? [] : options.branches?.find((branch) => branch.face === face)?.turns ?? [];
  return { path: from, request, turns };
}

function inherited(options: RestoreRequest, own: RestoreRequest): RestoreRequest {
  const gone: readonly (keyof RestoreRequest)[] = [
    ...(own.model !== undefined && own.model !== options.model ? ['sampler', 'start', 'steps', 'eta'] as const : []),
    ...(own.sampler !== undefined && own.sampler !== options.sampler ? ['steps', 'eta'] as const : []),
  ];
  return Object.fromEntries(Object.entries(options).filter(([name]) => !gone.includes(name as keyof RestoreRequest)));
}

function checked(request: RestoreRequest): RestoreRequest {
  const [contradiction] = contradictions(request);
  if (!contradiction) return request;
  throw new OptionFailure('usage', contradiction.keys[0]!, `${contradictionWords(contradiction, (name) => `'${name}'`)}; leave one of them away`);
}
