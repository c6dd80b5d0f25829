import { createHash } from 'node:crypto';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { cacheFolder } from '../packageFolder.ts';
import { temporaryBeside } from '../temporaries.ts';
import { hostFacts, type HostFacts } from './hostFacts.ts';
import type { Trial } from './trial.ts';

/** Raised whenever a trial asks for more than it did. */
const version = 3;

const outcome = z.union([
  z.object({ passed: z.literal(true), difference: z.number(), milliseconds: z.number() }),
  z.object({ passed: z.literal(false), reason: z.string() }),
]);
const schema = z.object({ verdicts: z.record(z.string(), z.object({ float32: outcome, float16: outcome, when: z.string() })) });

export type Verdict = Trial & { /** ISO time of the trial. */ readonly when: string };

/** What trials on this machine came to, on disk, for as long as runtime, drivers and cards stay what they are. */
export class VerdictStore {
  private constructor(private readonly path: string, private readonly known: Map<string, Verdict>) {}

  /** The verdicts that hold for these facts; a file that cannot be read has none. */
  static async open(facts?: HostFacts): Promise<VerdictStore> {
    const key = createHash('sha256').update(JSON.stringify([version, facts ?? (await hostFacts())])).digest('hex').slice(0, 24);
    const path = join(cacheFolder(), 'devices', `${key}.json`);
    const { data } = schema.safeParse(await readFile(path, 'utf8').then((text) => JSON.parse(text) as unknown).catch(() => undefined));
    return new VerdictStore(path, new Map(Object.entries(data?.verdicts ?? {})));
  }

  of(device: string): Verdict | undefined {
    return this.known.get(device);
  }

  /** Keeps a verdict; where that cannot be written, the device is tried again next time. */
  async keep(device: string, trial: Trial): Promise<Verdict> {
    const verdict = { ...trial, when: new Date().toISOString() };
    this.known.set(device, verdict);
    const part = temporaryBeside(this.path);
    await mkdir(join(this.path, '..'), { recursive: true })
      .then(() => writeFile(part, JSON.stringify({ verdicts: Object.fromEntries(this.known) }, null, 2)))
      .then(() => rename(part, this.path))
      .catch(() => rm(part, { force: true }).catch(() => undefined));
    return verdict;
  }
}
