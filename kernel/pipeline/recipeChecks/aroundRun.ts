import { messageOf } from '../../failure.ts';
import { chooseDevice } from '../../inference/executionProviders.ts';
import { indexFrames, probeStreams } from '../../media/probe.ts';
import type { Surroundings } from '../../recipe/language/surroundings.ts';
import type { NamedResult } from '../../recipe/outcome.ts';
import { machine } from './machine.ts';

/** What lies around a recipe that is going to run: clips are probed and devices are tried. @param folder absolute */
export function aroundRun(folder: string, names: readonly NamedResult[]): Surroundings {
  return {
    ...machine, folder, names: names.map((result) => ({ name: result.name, result })),
    frames: (path) => probeStreams(path).then(indexFrames).then(({ timestamps }) => timestamps.length, () => undefined),   // the action itself says why
    trial: (device, precision) => chooseDevice(device, precision).then(() => undefined, messageOf),
  };
}
