import { mkdir, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { drawAlignedFace } from '../drawing/alignedFace.ts';
import { degrade, drawDegradation, type Severity } from '../drawing/degrade.ts';

/**
 * Draws faces for the training and writes them in shards: clean-<first>.npy (n, size, size, 3) and degraded-<first>.npy (n, 3, size, size, 3), uint8.
 *
 *     npx tsx samples/training/writeDataset.ts --first 0 --count 4000 --out .cache/faces
 *
 * The evaluation draws seeds from 10,000,000 on; training must stay below.
 */
const size = 128;
const shard = 250;
const versions: readonly Severity[] = ['moderate', 'severe', 'mixed'];

function npy(shape: readonly number[], data: Uint8Array): Buffer {
  const text = `{'descr': '|u1', 'fortran_order': False, 'shape': (${shape.join(', ')}), }`;
  const header = text.padEnd(Math.ceil((text.length + 11) / 64) * 64 - 11) + '\n';
  const prefix = Buffer.from([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0, header.length & 255, header.length >> 8]);
  return Buffer.concat([prefix, Buffer.from(header, 'latin1'), data]);
}

async function writeWhole(path: string, bytes: Buffer): Promise<void> {
  await writeFile(path + '.part', bytes);
  await rename(path + '.part', path);
}

async function main(): Promise<void> {
  const { values } = parseArgs({ options: { first: { type: 'string', default: '0' }, count: { type: 'string', default: '1000' }, out: { type: 'string', default: '.cache/faces' } } });
  const first = Number(values.first);
  const last = first + Number(values.count);
  await mkdir(values.out, { recursive: true });
  const bytes = size * size * 3;
  for (let from = first; from < last; from += shard) {
    const n = Math.min(shard, last - from);
    const clean = new Uint8Array(n * bytes);
    const degraded = new Uint8Array(n * versions.length * bytes);
    for (let i = 0; i < n; i++) {
      const { image } = drawAlignedFace(from + i, size);
      clean.set(image.data, i * bytes);
      for (const [k, severity] of versions.entries()) {
        const spoilt = await degrade(image, drawDegradation(severity, from + i), from + i);
        degraded.set(spoilt.data, (i * versions.length + k) * bytes);
      }
    }
    const name = String(from).padStart(7, '0');
    await writeWhole(join(values.out, `degraded-${name}.npy`), npy([n, versions.length, size, size, 3], degraded));
    await writeWhole(join(values.out, `clean-${name}.npy`), npy([n, size, size, 3], clean));
    process.stdout.write(`${from + n - first} of ${last - first}\n`);
  }
}

await main();
