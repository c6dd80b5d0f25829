import type { Surroundings } from '../../recipe/language/surroundings.ts';
import type { ParsedAction } from '../../recipe/parsed.ts';
import type { Diagnosis } from '../../recipe/problem.ts';
import { keysOf } from '../../recipe/valueShape.ts';
import { error, texts, warning } from './diagnosis.ts';

/** Whether the device that an action names can be used. A run tries it; as one types, what earlier trials left on disk has to do, and what failed then may pass. */
export async function deviceProblems({ kind, action, keys }: ParsedAction, around: Surroundings): Promise<readonly Diagnosis[]> {
  const [said] = texts(keys, 'device');
  if (!said || said.value === 'auto') return [];
  const { value, at } = said;
  if (kind === undefined || keysOf(kind)['device']?.safeParse(value).success !== true) return [];   // the document itself tells
  if (around.trial) {
    const refused = await around.trial(value, action && 'precision' in action.value ? action.value.precision ?? 'auto' : 'auto');
    return refused === undefined ? [] : [error('device', refused, at)];
  }
  const devices = await around.devices();
  const known = devices.find(({ name }) => name === value);
  if (devices.length > 0 && !known) return [error('device', `there is no ${value} here: ${devices.map(({ name }) => name).join(', ')} are known`, at)];
  if (known?.missing === true) return [error('device', `${value} cannot be used here: ${known.reason}`, at)];
  return known?.usable === false ? [warning('device', `${value} cannot be used here: ${known.reason}`, at)] : [];
}
