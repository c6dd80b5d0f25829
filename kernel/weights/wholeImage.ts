import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { KernelFailure } from '../failure.ts';
import { weightsFolder } from '../packageFolder.ts';

/** The networks around the restoration of a whole picture, as their files are published. */
const files = {
  parsenet: { file: 'parsing_parsenet.pth', what: 'the face parser' },
  realesrgan: { file: 'RealESRGAN_x2plus.pth', what: 'the background upsampler' },
} as const;

export type WholeImageNetwork = keyof typeof files;

/** The network's weights are where they belong. */
export function hasNetwork(network: WholeImageNetwork): boolean {
  return existsSync(join(weightsFolder(), files[network].file));
}

/**
 * Path of the network's weights.
 * @throws KernelFailure('weights') when they are not installed
 */
export function networkFile(network: WholeImageNetwork): string {
  const { file, what } = files[network];
  if (!hasNetwork(network)) throw new KernelFailure('weights', `${what} is not installed: ${file} is missing in ${weightsFolder()}; 'difface weights install ${network}' installs it`);
  return join(weightsFolder(), file);
}
