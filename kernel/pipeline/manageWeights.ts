import { convertedModels, removeConverted, removeDamagedConverted } from '../inference/convertedModels.ts';
import { KernelFailure, messageOf } from '../failure.ts';
import { cacheFolder, weightsFolder } from '../packageFolder.ts';
import { concernsOneFile } from '../weights/diskFailure.ts';
import { importFiles, type ImportOutcome } from '../weights/importFiles.ts';
import { installFile } from '../weights/install.ts';
import { bytesIn, folderInPlace, notInstalled, stateOf, verifyFile } from '../weights/installed.ts';
import { acceptedLicences, licenceKey, licences, requireAccepted, type Licence } from '../weights/licences.ts';
import type { NetworkSettings } from '../weights/network.ts';
import { fileSets, filesNamed, officialFiles, type OfficialFile } from '../weights/officialFiles.ts';
import { clearLeftovers } from '../weights/leftovers.ts';
import type { Patience } from '../weights/persistence.ts';
import type { OnWeightsProgress } from '../weights/progress.ts';
import { removeFile } from '../weights/removeFile.ts';
import type { InstalledFiles, ListedFile, ListedWeights, RemovedFiles, VerifiedFile } from '../weights/listed.ts';
import { HostUnreachable, NotTried } from '../weights/unreachable.ts';
import { convertWeights } from './convertWeights.ts';

/** A piece of work on weights. */
export interface WeightsWork {
  readonly signal: AbortSignal;
  readonly onProgress: OnWeightsProgress;
  /** Told of a file that cannot be had, or removed, while others are still worked on. */
  readonly onFailed?: (file: string, why: string) => void;
}

/** All official files with what there is of them, and how much of the disk they take. */
export async function listWeights(): Promise<ListedWeights> {
  const folder = weightsFolder();
  await clearLeftovers(folder, cacheFolder());
  const [converted, accepted, bytes] = await Promise.all([convertedModels(cacheFolder()), acceptedLicences(folder), bytesIn(folder)]);
  const files = await Promise.all(officialFiles.map(async (file): Promise<ListedFile> => {
    const state = await stateOf(file, folder);
    const record = state.kind === 'present' ? state.record : undefined;
    const made = record ? converted.filter(({ checkpoint }) => checkpoint === record.sha256) : [];
    return {
      id: file.id, file: file.file, title: file.title, purpose: file.purpose, address: file.address, network: file.network, licence: file.licence,
      size: file.size, ...(file.sha256 === undefined ? {} : { publishedSha256: file.sha256 }),
      state: state.kind === 'present' ? (state.unchanged ? 'installed' : 'unchecked') : state.kind,
      bytes: state.kind === 'missing' ? 0 : state.bytes,
      convertedBytes: made.reduce((sum, { bytes }) => sum + bytes, 0),
      ...(record ? { installed: { sha256: record.sha256, published: record.published, source: record.source, at: record.installedAt } } : {}),
    };
  }));
  const convertedBytes = converted.reduce((sum, model) => sum + model.bytes, 0);
  return { folder, bytes, convertedBytes, files, sets: fileSets, licences: Object.values(licences).map((licence) => ({ ...licence, key: licenceKey(licence), accepted: accepted.has(licenceKey(licence)) })) };
}

/**
 * Installs one file after the other and converts each. Of several, one that cannot be had keeps none of the others from being installed, but those that would come from a host that could not be
 * reached: they are not tried.
 * @throws KernelFailure for a single file; of several for what would end the others, too: a licence that is not accepted, a disk that is full, ('cancelled')
 */
export async function installWeights(files: readonly OfficialFile[], network: NetworkSettings, { signal, onProgress, onFailed }: WeightsWork, patience?: Patience): Promise<InstalledFiles> {
  await clearLeftovers(weightsFolder(), cacheFolder());
  await requireAccepted(files.map(({ licence }) => licences[licence]), weightsFolder());
  const failed: InstalledFiles['failed'][number][] = [];
  const unreachable = new Set<string>();
  for (const file of files) {
    try {
      await installFile(file, { folder: weightsFolder(), network, signal, onProgress, patience, unreachable });
      await convert(file, { signal, onProgress });
    } catch (error) {
      if (files.length === 1 || !concernsOneFile(error)) throw error;
      if (error instanceof HostUnreachable) unreachable.add(error.host);
      failed.push({ id: file.id, file: file.file, why: error.message, ...(error instanceof NotTried ? { unreachable: error.host } : {}) });
      if (!(error instanceof NotTried)) onFailed?.(file.file, error.message);
    }
  }
  return { installed: await listed(files.filter(({ id }) => !failed.some((one) => one.id === id))), failed };
}

/** What came of an import, and of converting what was imported. */
export interface ConvertedImport extends ImportOutcome {
  /** Files that were imported and could not be converted. */
  readonly unconverted: readonly { readonly file: string; readonly why: string }[];
}

/**
 * Imports files and folders and converts what was in them. A file that cannot be converted stays imported; where the cache takes none, no other is converted.
 * @throws KernelFailure as `importFiles` does
 */
export async function importWeights(paths: readonly string[], { signal, onProgress, onFailed }: WeightsWork): Promise<ConvertedImport> {
  await clearLeftovers(weightsFolder(), cacheFolder());
  const outcome = await importFiles(paths, { folder: weightsFolder(), signal, onProgress }, onFailed);
  const unconverted: ConvertedImport['unconverted'][number][] = [];
  for (const { file } of outcome.imported) {
    try {
      await convert(file, { signal, onProgress });
    } catch (error) {
      if (!(error instanceof KernelFailure) || error.kind === 'cancelled') throw error;
      unconverted.push({ file: file.file, why: error.message });
      if (!concernsOneFile(error)) break;
    }
  }
  return { ...outcome, unconverted };
}

/**
 * Reads installed files again, and what was converted from them: where that is damaged, it is removed.
 * @param names of files and sets; where there are none, all that is installed
 * @returns for each that is named what it is, or why it cannot be used
 * @throws KernelFailure('usage') for a name that is none
 */
export async function verifyWeights(names: readonly string[], { signal, onProgress }: WeightsWork): Promise<readonly VerifiedFile[]> {
  const found: VerifiedFile[] = [];
  const files = filesNamed(names.length === 0 ? ['all'] : names);
  await clearLeftovers(weightsFolder(), cacheFolder());
  for (const file of files) {
    if ((await stateOf(file, weightsFolder())).kind !== 'present') {
      if (names.length > 0) {
        const inTheWay = await folderInPlace(file, weightsFolder());
        found.push({ status: 'missing', id: file.id, file: file.file, why: (inTheWay ?? await notInstalled(file, weightsFolder())).message, inTheWay: inTheWay !== undefined });
      }
      continue;
    }
    try {
      const { sha256, published } = await verifyFile(file, weightsFolder(), { signal, onProgress: (done, total) => { onProgress({ stage: 'checking', file: file.file, done, total }); } });
      found.push({ status: 'intact', id: file.id, file: file.file, sha256, published, reconverted: await removeDamagedConverted(cacheFolder(), sha256) });
    } catch (error) {
      if (!(error instanceof KernelFailure)) throw error;
      found.push({ status: 'damaged', id: file.id, file: file.file, why: messageOf(error) });
    }
  }
  return found;
}

/**
 * Removes files, what was begun of them, and what was converted from them. Of several, one that cannot be removed keeps none of the others from it.
 * @throws KernelFailure for a single file; of several for what would end the others, too
 */
export async function removeWeights(files: readonly OfficialFile[], work: WeightsWork): Promise<RemovedFiles> {
  const removed: RemovedFiles['removed'][number][] = [];
  const failed: RemovedFiles['failed'][number][] = [];
  await clearLeftovers(weightsFolder(), cacheFolder());
  for (const file of files) {
    try {
      const { bytes, sha256 } = await removeFile(file, { folder: weightsFolder(), ...work });
      removed.push({ id: file.id, file: file.file, bytes: bytes + (sha256 === undefined ? 0 : await removeConverted(cacheFolder(), sha256)) });
    } catch (error) {
      if (files.length === 1 || !concernsOneFile(error)) throw error;
      failed.push({ id: file.id, file: file.file, why: error.message });
      work.onFailed?.(file.file, error.message);
    }
  }
  return { removed, failed };
}

/** The licences that have to be accepted before these files can be downloaded. */
export async function openLicences(files: readonly OfficialFile[]): Promise<readonly Licence[]> {
  const accepted = await acceptedLicences(weightsFolder());
  return Object.values(licences).filter((licence) => licence.restricted && !accepted.has(licenceKey(licence)) && files.some((file) => file.licence === licence.id));
}

async function convert(file: OfficialFile, { signal, onProgress }: WeightsWork): Promise<void> {
  try {
    await convertWeights(file, weightsFolder(), { signal, onProgress: (done) => { onProgress({ stage: 'converting', file: file.file, done }); } });
  } catch (error) {
    if (signal.aborted) throw new KernelFailure('cancelled', `${file.file} is installed; its conversion was cancelled and is done when it is first used`, { cause: error });
    throw error;
  }
}

async function listed(files: readonly OfficialFile[]): Promise<readonly ListedFile[]> {
  const all = (await listWeights()).files;
  return files.flatMap(({ id }) => all.find((file) => file.id === id) ?? []);
}
