import { KernelFailure, messageOf } from '../failure.ts';
import { checkFit, type Entries } from '../models/fit.ts';
import { createNetwork, networkNames, parseNetwork, type Network } from '../models/network.ts';
import { recognise } from '../models/recognise.ts';
import { describeLayout, layoutOf } from './layout.ts';
import { officialFiles, type OfficialFile } from './officialFiles.ts';
import { publishedNetwork, type Configured } from './officialParams.ts';

/** Share of a network's tensors, by names and shapes, from which on a file is one of that network with something amiss. */
const alike = 0.5;

/**
 * @param anySize networks that work beside the model are taken in any size that runs here
 * @returns whether it is the published network's own layout
 * @throws KernelFailure('checkpoint') when a file's tensors are not those; of a file that nearly is the published one every key that does not fit is named
 */
export function requireLayout(path: string, file: OfficialFile, entries: Parameters<typeof layoutOf>[0], anySize: boolean): boolean {
  if (layoutOf(entries).digest === file.layout.digest) return true;
  const published = publishedNetwork(file);
  const found = recognise(entries);
  let details = '';
  try {
    if (anySize && 'variant' in found && 'params' in found && found.architecture === file.network) {
      requireFit(path, found, entries);
      return false;
    }
  } catch {
    // said below, against the published network where it is near that
  }
  try {
    if (published && likeness(published, entries) >= alike) requireFit(path, published, entries);
  } catch (error) {
    details = ` ${messageOf(error)}`;
  }
  const { tensors, values } = file.layout;
  throw new KernelFailure('checkpoint', `${path} is not ${file.file}: it holds ${describeLayout(entries)}, where ${file.title} has ${tensors} tensors with ${values.toLocaleString('en-US')} values.${details}`);
}

/** The official file that a checkpoint without an official layout comes nearest to; undefined where it is near none. */
export function nearestFile(entries: Entries): OfficialFile | undefined {
  let [nearest, most]: [OfficialFile | undefined, number] = [undefined, alike];
  for (const file of officialFiles) {
    const published = publishedNetwork(file);
    const share = published ? likeness(published, entries) : 0;
    if (share >= most) [nearest, most] = [file, share];
  }
  return nearest;
}

function requireFit(path: string, configured: Configured, entries: Entries): void {
  checkFit(path, networkOf(configured), networkNames[configured.architecture], entries);
}

function likeness(published: Configured, entries: Entries): number {
  const parameters = [...networkOf(published).parameters()];
  return parameters.filter(({ key, shape }) => entries.get(key)?.shape.join() === shape.join()).length / parameters.length;
}

function networkOf({ architecture, params }: Configured): Network {
  return createNetwork(parseNetwork(architecture, params)).bind();
}
