import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { KernelFailure } from '../failure.ts';
import { weightsFolder } from '../packageFolder.ts';
import { requireIntact } from './installed.ts';
import { officialFiles, type OfficialFile } from './officialFiles.ts';

/** An official network that works beside the model, by its short name. */
export type OfficialNetworkId = 'retinaface' | 'retinaface-mobilenet' | 'yolov5l-face' | 'yolov5n-face' | 'parsenet' | 'realesrgan';

/** Its weights are where they belong. */
export function hasOfficialNetwork(id: OfficialNetworkId): boolean {
  return existsSync(join(weightsFolder(), fileOf(id).file));
}

/**
 * Path of its weights.
 * @param otherwise what else the person can do where they are not installed
 * @throws KernelFailure('weights') when they are not installed
 */
export function officialNetworkFile(id: OfficialNetworkId, otherwise = ''): string {
  const { file, title } = fileOf(id);
  if (!hasOfficialNetwork(id)) throw new KernelFailure('weights', `the weights of ${title} are not installed: ${file} is missing in ${weightsFolder()}; 'difface weights install ${id}' installs them${otherwise}`);
  return join(weightsFolder(), file);
}

/**
 * The same, being what was installed. One that somebody put there is read first: its checksums, and whether it holds such a network, of whatever size.
 * @throws KernelFailure('weights') also when the file is damaged, was replaced since or holds something else, with the repair
 */
export async function loadableNetworkFile(id: OfficialNetworkId): Promise<string> {
  const path = officialNetworkFile(id);
  await requireIntact(weightsFolder(), [fileOf(id).file]);
  return path;
}

function fileOf(id: OfficialNetworkId): OfficialFile {
  return officialFiles.find((file) => file.id === id)!;
}
