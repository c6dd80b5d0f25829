import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { KernelFailure } from '../failure.ts';
import { makeFolder } from './diskFailure.ts';
import { writeSmallFile } from './smallFile.ts';

export type LicenceId = 'mit' | 'bsd-3' | 's-lab' | 'codeformer';

/** Terms under which a weight file is published. The text at `address` is what counts; `terms` says in short what it comes to. */
export interface Licence {
  readonly id: LicenceId;
  readonly title: string;
  readonly terms: string;
  readonly address: string;
  /** Nothing under it is downloaded before it was accepted. */
  readonly restricted: boolean;
}

export const licences: Readonly<Record<LicenceId, Licence>> = {
  mit: {
    id: 'mit', title: 'MIT License', restricted: false, address: 'https://github.com/xinntao/facexlib/blob/master/LICENSE',
    terms: 'Any use, commercial use too, as long as the copyright notice stays with it. No warranty.',
  },
  'bsd-3': {
    id: 'bsd-3', title: 'BSD 3-Clause License', restricted: false, address: 'https://github.com/xinntao/Real-ESRGAN/blob/master/LICENSE',
    terms: 'Any use, commercial use too, as long as the copyright notice stays with it; the names of its holders do not advertise what is made of it. No warranty.',
  },
  's-lab': {
    id: 's-lab', title: 'NTU S-Lab License 1.0', restricted: true, address: 'https://github.com/zsyOAOA/DifFace/blob/master/LICENSE',
    terms: 'Use, copies and changes for non-commercial purposes only; notice, conditions and disclaimer stay with every copy, and the names of its holders do not advertise what is made of it. '
      + 'Whoever wants to use it commercially asks its authors first. No warranty.',
  },
  codeformer: {
    id: 'codeformer', title: 'Terms of the CodeFormer release', restricted: true, address: 'https://github.com/sczhou/CodeFormer/blob/master/LICENSE',
    terms: 'The file is published with CodeFormer, whose licence allows non-commercial use only; the network may have further terms of its own. Read them before any other use. No warranty.',
  },
};

/** Names the text that was accepted: another text has to be accepted again. */
export function licenceKey({ title, terms, address }: Licence): string {
  return createHash('sha256').update(`${title}\n${terms}\n${address}`).digest('hex').slice(0, 16);
}

const acceptedSchema = z.record(z.string(), z.object({ title: z.string(), acceptedAt: z.string() }));
const fileName = 'licences.json';

/** Keys of the licences that were accepted on this machine, for a folder of weights. */
export async function acceptedLicences(folder: string): Promise<ReadonlySet<string>> {
  return new Set(Object.keys(await readAccepted(folder)));
}

/** Remembers an acceptance. @throws KernelFailure('weights') when that cannot be written */
export async function acceptLicence(licence: Licence, folder: string): Promise<void> {
  const known = await readAccepted(folder);
  if (licenceKey(licence) in known) return;
  const { title } = licence;
  await makeFolder(folder);
  await writeSmallFile(join(folder, fileName), JSON.stringify({ ...known, [licenceKey(licence)]: { title, acceptedAt: new Date().toISOString() } }, null, 2));
}

/** @throws KernelFailure('weights') naming the first restricted licence that was not accepted */
export async function requireAccepted(needed: readonly Licence[], folder: string): Promise<void> {
  const accepted = await acceptedLicences(folder);
  const open = needed.find((licence) => licence.restricted && !accepted.has(licenceKey(licence)));
  if (open) throw new KernelFailure('weights', `nothing was downloaded: ${open.title} (${open.address}) has to be accepted first; read it, and if its terms suit you, give --accept-licence`);
}

/** Without memory, or with one that is damaged, the question is asked again. */
async function readAccepted(folder: string): Promise<z.infer<typeof acceptedSchema>> {
  const text = await readFile(join(folder, fileName), 'utf8').catch(() => '{}');
  try {
    return acceptedSchema.parse(JSON.parse(text));
  } catch {
    return {};
  }
}
