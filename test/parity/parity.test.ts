import { strict as assert } from 'node:assert';
import { cp, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'mocha';
import type { Comparison } from './fixture.ts';
import { kinds } from './kinds.ts';

const fixtures = join(import.meta.dirname, 'fixtures');

async function compareAll(folder: string): Promise<readonly Comparison[]> {
  const files = (await readdir(folder)).sort();
  const kind = kinds.find((candidate) => candidate.recognise(files));
  assert.ok(kind, `${folder} is of no known kind`);
  const comparisons: Comparison[] = [];
  for await (const comparison of kind.compare(folder)) comparisons.push(comparison);
  return comparisons;
}

describe('parity with the reference', () => {
  for (const name of ['checkpoints', 'unet-small', 'swinir-tiny', 'parsenet', 'rrdbnet', 'sampler', 'align-paste', 'face-filter', 'resize', 'image-io', 'retinaface', 'yolov5n-face', 'detectors-small']) {
    it(name, async () => {
      const comparisons = await compareAll(join(fixtures, name));
      assert.ok(comparisons.length >= 2);
      for (const { name: what, error, tolerance, verdict, note } of comparisons) assert.notEqual(verdict, 'FAIL', `${what}: ${error} of ${tolerance} ${note ?? ''}`);
    });
  }

  for (const [fixture, file, delta, failing] of [
    ['unet-small', 'unet.out.npy', 1e-3, 'output fp32'],
    ['detectors-small', 'yolo-l.raw2.npy', 0.5, 'yolo-l raw2'],
    ['image-io', 'expected_aligned.exif_orientation6.jpg.npy', 0.5, 'aligned exif_orientation6.jpg'],
  ] as const) {
    it(`notices a recording that differs: ${file}`, async () => {
      const folder = await mkdtemp(join(tmpdir(), 'difface-parity-test-'));
      try {
        await cp(join(fixtures, fixture), folder, { recursive: true });
        const out = await readFile(join(folder, file));
        out.writeFloatLE(out.readFloatLE(out.length - 4) + delta, out.length - 4);
        await writeFile(join(folder, file), out);
        const failed = (await compareAll(folder)).filter(({ verdict }) => verdict === 'FAIL').map(({ name }) => name);
        assert.deepEqual(failed, [failing]);
      } finally {
        await rm(folder, { recursive: true });
      }
    });
  }
});
