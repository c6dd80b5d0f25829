import { KernelFailure } from '../failure.ts';
import { makeFolder } from './diskFailure.ts';
import { discard, download } from './download.ts';
import { examine } from './examine.ts';
import { checking, publish, underLock, type FileWork } from './fileWork.ts';
import { intactFile, partOf, pathOf, stateOf, type InstallRecord } from './installed.ts';
import { licences, requireAccepted } from './licences.ts';
import { addressOf, type NetworkSettings } from './network.ts';
import type { Patience } from './persistence.ts';
import { forWeights, fromMirror } from './purpose.ts';
import { shownAddress } from './shownAddress.ts';
import { plausibleBytes, type OfficialFile } from './officialFiles.ts';
import { NotTried } from './unreachable.ts';

export interface InstallOptions extends FileWork {
  readonly network: NetworkSettings;
  readonly patience?: Patience | undefined;
  /** Hosts that could not be reached before: nothing is asked of them. */
  readonly unreachable?: ReadonlySet<string>;
}

export interface InstallOutcome {
  readonly record: InstallRecord;
  /** false: it was there already. */
  readonly fresh: boolean;
}

/**
 * Downloads an official file, checks it and gives it its name; a file that is there and whole is left alone, one that is damaged is replaced.
 * Several processes may do this at once: one downloads, the others wait for it.
 * @throws KernelFailure('weights') when it cannot be had (`HostUnreachable`, `NotTried`) or is not what it should be, ('cancelled'); what can be gone on from is kept
 */
export async function installFile(file: OfficialFile, { folder, network, signal, onProgress, patience, unreachable }: InstallOptions): Promise<InstallOutcome> {
  const part = partOf(file, folder);
  await requireAccepted([licences[file.licence]], folder);
  await makeFolder(folder);
  return underLock(file, { folder, signal, onProgress }, async () => {
    const there = await whatIsThere(file, folder, checking(file, { signal, onProgress }));
    if (there) {
      await discard(part);                                              // a process that ended before it cleared up may have left it
      return { record: there, fresh: false };
    }
    const address = addressOf(file, network);
    const { host } = new URL(address);
    if (unreachable?.has(host) === true) throw new NotTried(file.file, host);
    const purpose = address === file.address ? forWeights : fromMirror;
    await download({ file: file.file, address, path: pathOf(file, folder), part, bytes: { ...plausibleBytes(file), likely: file.size.bytes }, network, signal, onProgress, patience, purpose });
    const examined = await examine(part, file, checking(file, { signal, onProgress })).catch(async (error: unknown) => {
      signal.throwIfAborted();                                          // the part is as good as before
      if (error instanceof KernelFailure) {
        await discard(part);
        throw new KernelFailure('weights', `what ${shownAddress(address)} sent as ${file.file} was discarded: ${error.message.replaceAll(part, file.file)}; try again, or ${purpose.otherwise}`, { cause: error });
      }
      throw error;
    });
    if (examined.published === 'other') {
      await discard(part);
      throw new KernelFailure('weights', `what ${shownAddress(address)} sent as ${file.file} was discarded: its SHA-256 is ${examined.sha256}, and that of the published file is ${file.sha256 ?? ''}; try again, or ${purpose.otherwise}`);
    }
    return { record: await publish(part, file, folder, examined, shownAddress(address)), fresh: true };
  });
}

/** A damaged file is as good as none: the install is its repair. */
async function whatIsThere(file: OfficialFile, folder: string, options: ReturnType<typeof checking>): Promise<InstallRecord | undefined> {
  if ((await stateOf(file, folder)).kind !== 'present') return undefined;
  return intactFile(file, folder, options).catch((error: unknown) => {
    options.signal.throwIfAborted();
    if (error instanceof KernelFailure) return undefined;
    throw error;
  });
}
