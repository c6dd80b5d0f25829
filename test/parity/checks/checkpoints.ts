import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { openStateDict } from '../../../kernel/checkpoint/stateDict.ts';
import { KernelFailure } from '../../../kernel/failure.ts';
import { within, type Comparison, type FixtureKind } from '../fixture.ts';

interface Expected {
  readonly file: string;
  readonly expect?: 'error';
  readonly tensors?: Readonly<Record<string, { readonly dtype: string; readonly shape: readonly number[]; readonly values: readonly (number | boolean | string)[] }>>;
}

/** PyTorch files and what is in them; malicious and broken ones must be refused. */
export const checkpoints: FixtureKind = {
  name: 'checkpoints',
  recognise: (files) => files.includes('expected.json') && files.some((file) => file.endsWith('.pth')),
  async *compare(folder) {
    const expected = JSON.parse(await readFile(join(folder, 'expected.json'), 'utf8')) as Readonly<Record<string, Expected>>;
    for (const [name, entry] of Object.entries(expected)) yield entry.expect === 'error' ? await refusal(folder, name, entry) : await contents(folder, name, entry);
  },
};

async function refusal(folder: string, name: string, { file }: Expected): Promise<Comparison> {
  try {
    const dict = await openStateDict(join(folder, file));
    for (const key of dict.entries.keys()) await dict.readValues(key);
    await dict.close();
    return within(`${name} is refused`, Infinity, 0, 'it was read');
  } catch (error) {
    return within(`${name} is refused`, error instanceof KernelFailure && error.kind === 'checkpoint' ? 0 : Infinity, 0, error instanceof Error ? error.message.replace(folder, '.') : String(error));
  }
}

async function contents(folder: string, name: string, { file, tensors = {} }: Expected): Promise<Comparison> {
  const dict = await openStateDict(join(folder, file));
  let error = 0;
  let note = `${Object.keys(tensors).length} tensors`;
  if ([...dict.entries.keys()].sort().join() !== Object.keys(tensors).sort().join()) return within(name, Infinity, 0, `keys are ${[...dict.entries.keys()].join(', ')}`);
  for (const [key, { dtype, shape, values }] of Object.entries(tensors)) {
    const entry = dict.entries.get(key)!;
    const read = await dict.readValues(key);
    if (entry.dtype !== dtype || entry.shape.join() !== shape.join() || read.length !== values.length) {
      error = Infinity;
      note = `${key} is ${entry.dtype} (${entry.shape.join(', ')}), not ${dtype} (${shape.join(', ')})`;
    }
    values.forEach((value, i) => {
      const difference = Math.abs(Number(read[i]) - Number(value));
      error = Math.max(error, Number.isNaN(difference) ? Infinity : difference);
    });
  }
  await dict.close();
  return within(name, error, 0, note);
}
