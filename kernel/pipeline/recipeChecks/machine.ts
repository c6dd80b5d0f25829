import { access, constants, readdir, stat } from 'node:fs/promises';
import { basename, extname } from 'node:path';
import { messageOf } from '../../failure.ts';
import type { FoundEntry, KnownModel, KnownNetwork, Surroundings } from '../../recipe/language/surroundings.ts';
import { describedModels, findModel } from '../../weights/catalog.ts';
import type { DetectorChoice } from '../../weights/detectorNames.ts';
import { detectorNetworks, detectorSummaries } from '../../weights/detectors.ts';
import type { RestorationModel } from '../../weights/model.ts';
import { hasOfficialNetwork } from '../../weights/officialNetwork.ts';
import { kindOf } from '../collectFiles.ts';
import { knownDevices } from './knownDevices.ts';
import { mediaHeader } from './mediaHeader.ts';

/** Longer listings help nobody, and each entry of a folder costs a look. */
const mostEntries = 2000;

/** What is on this machine, looked at afresh each time; headers of files once for each version of them. Of clips ffprobe reads them. */
export const machine: Omit<Surroundings, 'folder' | 'names'> = {
  models: async () => (await describedModels().catch(() => [])).map(({ description, installed }) => known(description, installed)),
  modelIn: (folder) => findModel(folder).then(({ description }) => known(description, true), messageOf),
  devices: () => knownDevices().catch(() => []),
  detectors: () => Promise.resolve(detectorSummaries().map(({ name, title, installed }): KnownNetwork => ({ name, title, installed, ...weightsOf(name) }))),
  helpers: () => Promise.resolve([
    { name: 'parsing', title: 'ParseNet', installed: hasOfficialNetwork('parsenet'), weights: 'parsenet' }, { name: 'realesrgan', title: 'Real-ESRGAN', installed: hasOfficialNetwork('realesrgan'), weights: 'realesrgan' },
  ]),
  files: listed,
  entry: found,
  media: mediaHeader,
};

function known({ name, title, notice, defaults, diffusion }: RestorationModel, installed: boolean): KnownModel {
  return { name, title, installed, defaults, diffusion, ...(notice === undefined ? {} : { notice }) };
}

function weightsOf(name: DetectorChoice): { readonly weights?: string } {
  return name === 'auto' || name === 'builtin' ? {} : { weights: detectorNetworks[name].id };
}

async function found(path: string): Promise<FoundEntry | undefined> {
  const about = await stat(path).catch(() => undefined);
  if (!about) return undefined;
  const name = basename(path);
  if (!about.isDirectory()) return { name, kind: kindOf(path) ?? 'other', bytes: about.size };
  return { name, kind: 'folder', readOnly: await access(path, constants.W_OK).then(() => false, () => true) };
}

async function listed(folder: string): Promise<readonly FoundEntry[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  return entries.slice(0, mostEntries).map((entry): FoundEntry => ({ name: entry.name, kind: entry.isDirectory() ? 'folder' : likelyKind(entry.name), ...(entry.isSymbolicLink() ? { link: true } : {}) }));
}

/** Nearly every `.ts` is TypeScript: such clips are taken, and not offered. */
function likelyKind(name: string): FoundEntry['kind'] {
  return extname(name).toLowerCase() === '.ts' ? 'other' : kindOf(name) ?? 'other';
}
