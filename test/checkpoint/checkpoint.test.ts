import { strict as assert } from 'node:assert';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { after, before, describe, it } from 'mocha';
import { openStateDict } from '../../kernel/checkpoint/stateDict.ts';
import { KernelFailure } from '../../kernel/failure.ts';
import { writeRandomCheckpoint } from '../models/randomCheckpoint.ts';

const fixtures = join(import.meta.dirname, '..', 'parity', 'fixtures', 'checkpoints');
const mebibyte = 1024 * 1024;

async function readAll(path: string): Promise<void> {
  const dict = await openStateDict(path);
  try {
    for (const key of dict.entries.keys()) await dict.readValues(key);
  } finally {
    await dict.close();
  }
}

describe('checkpoint reader', () => {
  let folder: string;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'difface-checkpoint-'));
  });
  after(() => rm(folder, { recursive: true }));

  for (const name of ['zip_plain.pth', 'legacy_plain.pth', 'zip_dtypes.pth', 'legacy_dtypes.pth']) {
    it(`${name} with damaged bytes is read or refused, never more`, async () => {
      const whole = await readFile(join(fixtures, name));
      const path = join(folder, name);
      const damage = fc.array(fc.tuple(fc.nat(whole.length - 1), fc.nat(255)), { minLength: 1, maxLength: 8 });
      await fc.assert(fc.asyncProperty(damage, fc.option(fc.nat(whole.length)), async (changes, length) => {
        const bytes = Buffer.from(whole);
        for (const [at, value] of changes) bytes[at] = value;
        await writeFile(path, length === null ? bytes : bytes.subarray(0, length));
        try {
          await readAll(path);
        } catch (error) {
          assert.ok(error instanceof KernelFailure && error.kind === 'checkpoint', error instanceof Error ? error.stack : String(error));
          assert.ok(error.message.includes(path));
        }
      }), { numRuns: 400 });
    });
  }

  const impostors: readonly (readonly [string, string | Buffer, RegExp])[] = [
    ['an empty file', '', /empty/],
    ['a web page', '<!DOCTYPE html><html><body>404</body></html>', /web page/],
    ['a pointer of Git LFS', 'version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 3\n', /Git LFS/],
    ['a safetensors file', Buffer.concat([Buffer.from([2, 0, 0, 0, 0, 0, 0, 0]), Buffer.from('{}        ')]), /safetensors/],
    ['text', 'hello there', /not a PyTorch checkpoint/],
  ];
  for (const [what, content, message] of impostors) {
    it(`says that ${what} is none`, async () => {
      const path = join(folder, 'impostor.pth');
      await writeFile(path, content);
      await assert.rejects(openStateDict(path), (error) => error instanceof KernelFailure && error.kind === 'checkpoint' && message.test(error.message));
    });
  }

  it('reads one tensor of a large file without loading the file', async () => {
    const path = join(folder, 'large.pth');
    await writeRandomCheckpoint(path, [
      { key: 'large', dtype: 'float32', shape: [192, 256, 1024], buffer: false },
      { key: 'small.bias', dtype: 'float32', shape: [8], buffer: false },
    ]);
    const dict = await openStateDict(path);
    try {
      const held = process.memoryUsage().arrayBuffers;
      assert.equal((await dict.readFloat32('small.bias')).length, 8);
      assert.ok(process.memoryUsage().arrayBuffers - held < 32 * mebibyte);
    } finally {
      await dict.close();
    }
  });
});
