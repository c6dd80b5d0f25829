import type { RestoreRequest } from '../kernel/protocol.ts';
import { without } from './without.ts';

/** What is asked for a file on top of what the settings say. DDPM takes every step from its start down: a number of steps that is meant for the other samplers does not bind it. */
export function mergedOptions(settings: RestoreRequest, asked: RestoreRequest): RestoreRequest {
  const merged = { ...settings, ...asked };
  return merged.sampler === 'ddpm' ? without(merged, 'steps') : merged;
}
