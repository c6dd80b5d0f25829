import type { RestoreRequest } from './restoreOptions.ts';

/** Options that do not go together. */
export interface Contradiction<K extends string = keyof RestoreRequest> {
  /** Of them, those to leave away. */
  readonly keys: readonly K[];
  /** "there is no walk after backboneOnly"; keys stand in it as `{name}`. */
  readonly why: string;
}

/** "eta: only the sampler ddim has it". @param called how whoever reads it calls an option */
export function contradictionWords({ keys, why }: Contradiction<string>, called: (name: string) => string): string {
  const names = keys.map(called);
  return `${[names.slice(0, -1).join(', '), ...names.slice(-1)].filter((part) => part !== '').join(' and ')}: ${why.replaceAll(/\{(\w+)\}/g, (_, name: string) => called(name))}`;
}

/** What contradicts itself in a request, whatever the model is. */
export function contradictions(request: RestoreRequest): readonly Contradiction[] {
  const given = (names: readonly (keyof RestoreRequest)[]): readonly (keyof RestoreRequest)[] => names.filter((name) => request[name] !== undefined && request[name] !== false);
  const walk = given(['sampler', 'start', 'steps', 'eta', 'trajectory']);
  const pasted = (['mask', 'background', 'upscale'] as const).filter((name) => ![undefined, 'auto', 1].includes(request[name]));
  const restoring = [...walk, ...given(['backboneOnly', 'independentNoise'])];
  const found: readonly (Contradiction | false)[] = [
    request.backboneOnly === true && { keys: walk, why: 'there is no walk after {backboneOnly}' },
    request.backboneOnly === true && { keys: given(['independentNoise']), why: 'there is no noise after {backboneOnly}' },
    request.aligned === true && request.faces !== 'all' && { keys: given(['faces']), why: 'a picture that is one {aligned} face has no others to choose from' },
    request.aligned === true && request.detector !== 'auto' && { keys: given(['detector']), why: 'nothing is looked for in a picture that is one {aligned} face' },
    request.aligned === true && { keys: pasted, why: 'an {aligned} face is not pasted into a picture, and comes back in its own size' },
    request.model === 'identity' && { keys: restoring, why: '{model} identity restores nothing' },
    request.sampler !== undefined && request.sampler !== 'ddim' && { keys: given(['eta']), why: `only the sampler ddim has it, and {sampler} ${request.sampler} is asked for` },
  ];
  return found.filter((one) => one !== false && one.keys.length > 0) as readonly Contradiction[];
}
