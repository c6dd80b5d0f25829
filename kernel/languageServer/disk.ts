import { readdir, stat } from 'node:fs/promises';
import { basename, extname } from 'node:path';
import { kindOf } from '../pipeline/collectFiles.ts';
import type { FoundEntry, KnownDevice, KnownModel, KnownNetwork, Surroundings } from '../recipe/language/surroundings.ts';
import { modelSummaries } from '../weights/catalog.ts';
import type { DetectorChoice } from '../weights/detectorNames.ts';
import { detectorNetworks, detectorSummaries } from '../weights/detectors.ts';
import { hasOfficialNetwork } from '../weights/officialNetwork.ts';
import { knownDevices } from './knownDevices.ts';
import { Remembered } from './remembered.ts';

/** Longer listings help nobody, and each entry of a folder costs a look. */
const mostEntries = 2000;

/** What is on this machine: files, weights, devices. Each is looked at at most once a second. */
export class Disk {
  private readonly entries = new Remembered(found, 1000);
  private readonly folders = new Remembered(listed, 1000);
  private readonly weights = new Remembered<readonly KnownModel[]>(() => modelSummaries().catch(() => []), 1000);
  private readonly tried = new Remembered<readonly KnownDevice[]>(() => knownDevices().catch(() => []), 5000);

  around(folder: string | undefined, names: Surroundings['names']): Surroundings {
    return {
      folder, names,
      models: () => this.weights.of(''),
      devices: () => this.tried.of(''),
      detectors: () => Promise.resolve(detectorSummaries().map(({ name, title, installed }): KnownNetwork => ({ name, title, installed, ...weightsOf(name) }))),
      helpers: () => Promise.resolve([
        { name: 'parsing', title: 'ParseNet', installed: hasOfficialNetwork('parsenet'), weights: 'parsenet' }, { name: 'realesrgan', title: 'Real-ESRGAN', installed: hasOfficialNetwork('realesrgan'), weights: 'realesrgan' },
      ]),
      files: (path) => this.folders.of(path),
      entry: (path) => this.entries.of(path),
    };
  }

  /** Something changed: look again. */
  forget(): void {
    this.entries.forget();
    this.folders.forget();
    this.weights.forget();
    this.tried.forget();
  }
}

function weightsOf(name: DetectorChoice): { readonly weights?: string } {
  return name === 'auto' || name === 'builtin' ? {} : { weights: detectorNetworks[name].id };
}

async function found(path: string): Promise<FoundEntry | undefined> {
  const about = await stat(path).catch(() => undefined);
  return about && { name: basename(path), ...(about.isDirectory() ? { kind: 'folder' } : { kind: kindOf(path) ?? 'other', bytes: about.size }) };
}

async function listed(folder: string): Promise<readonly FoundEntry[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  return entries.slice(0, mostEntries).map((entry): FoundEntry => ({ name: entry.name, kind: entry.isDirectory() ? 'folder' : likelyKind(entry.name) }));
}

/** Nearly every `.ts` is TypeScript: such clips are taken, and not offered. */
function likelyKind(name: string): FoundEntry['kind'] {
  return extname(name).toLowerCase() === '.ts' ? 'other' : kindOf(name) ?? 'other';
}
