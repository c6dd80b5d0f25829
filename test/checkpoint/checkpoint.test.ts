import { strict as assert } from 'node:assert';
import { execFileSync } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { after, before, describe, it } from 'mocha';
import { openStateDict } from '../../kernel/checkpoint/stateDict.ts';
import { KernelFailure } from '../../kernel/failure.ts';
import { difface } from '../cli/command.ts';
import { writeCheckpoint, writeRandomCheckpoint } from '../models/randomCheckpoint.ts';

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
    ['text', 'hello there, “quoted”\n', /not a PyTorch checkpoint.*: it is a text file/],
    ['a picture', Buffer.concat([Buffer.from([0x89]), Buffer.from('PNG\r\n\x1a\n')]), /no file that torch\.save wrote/],
    ['a zip without its end', Buffer.concat([Buffer.from('PK\x03\x04'), Buffer.alloc(500)]), /cut short/],
  ];
  for (const [what, content, message] of impostors) {
    it(`says that ${what} is none`, async () => {
      const path = join(folder, 'impostor.pth');
      await writeFile(path, content);
      await assert.rejects(openStateDict(path), (error) => error instanceof KernelFailure && error.kind === 'checkpoint' && message.test(error.message));
    });
  }

  it('a pipe is refused, not waited for', async function () {
    if (process.platform === 'win32') this.skip();                      // has no such files
    const path = join(folder, 'pipe.pth');
    execFileSync('mkfifo', [path]);
    await assert.rejects(openStateDict(path), (error) => error instanceof KernelFailure && error.kind === 'checkpoint' && /pipe\.pth.*not a regular file/.test(error.message));
    await assert.rejects(openStateDict(folder), (error) => error instanceof KernelFailure && error.kind === 'checkpoint' && /it is a folder, where a weight file is expected; name the file/.test(error.message));
  });

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

  for (const [what, root, where, keys] of [
    ['beside a tensor', dict({ step: tensor(0), state_dict: dict({ 'conv.weight': tensor(1), 'conv.bias': tensor(2) }) }), "['state_dict']", ['conv.weight', 'conv.bias']],
    ['in two wrappers', dict({ epoch: text('3'), model: dict({ state_dict: dict({ 'conv.weight': tensor(1) }) }) }), "['model']['state_dict']", ['conv.weight']],
    ['under a name that nobody knows', dict({ optimizer: dict({ state: dict({ exp_avg: tensor(0) }) }), mine: dict({ 'conv.weight': tensor(1) }) }), "['mine']", ['conv.weight']],
    ['at the top', dict({ 'conv.weight': tensor(1), 'conv.bias': tensor(2) }), 'top level', ['conv.weight', 'conv.bias']],
  ] as const) {
    it(`finds the weights ${what}`, async () => {
      const path = join(folder, 'wrapped.pth');
      await writeCheckpoint(path, pickle(root), storages);
      const found = await openStateDict(path);
      try {
        assert.equal(found.where, where);
        assert.deepEqual([...found.entries.keys()], keys);
      } finally {
        await found.close();
      }
    });
  }

  it('does not go round in circles in a dict that holds itself', async () => {
    const path = join(folder, 'circle.pth');
    await writeCheckpoint(path, pickle(`}q\x00${text('model')}h\x00s`), []);
    await assert.rejects(openStateDict(path), /no dict of named tensors/);
  });

  for (const name of ['toString', 'constructor', '__proto__', 'hasOwnProperty']) {
    it(`refuses torch.${name}, which every object has and no checkpoint needs`, async () => {
      const path = join(folder, 'hole.pth');
      await writeCheckpoint(path, pickle(dict({ 'conv.weight': tensor(0, name) })), storages);
      await assert.rejects(openStateDict(path), (error) => error instanceof KernelFailure && error.kind === 'checkpoint' && error.message.includes(`it refers to torch.${name}, which weights never need`));
    });
  }

  it('is shown without the control characters of its names', async () => {
    const path = join(folder, 'bell.pth');
    await writeCheckpoint(path, pickle(dict({ 'conv\x1b[2J\x07\nweight': tensor(0) })), storages);
    const { code, stdout } = await difface(['inspect', path]);
    assert.equal(code, 0);
    assert.match(stdout, /conv\\x1b\[2J\\x07⏎weight {2}float32 \(2\)/);
    assert.doesNotMatch(stdout.replaceAll('\n', ''), /\p{Cc}/u);
  });
});

/** Pickles by hand, protocol 2 (Python's pickletools); each storage holds two float32 values. */
const storages = [0, 1, 2].map(() => new Uint8Array(8));

function pickle(value: string): Buffer {
  return Buffer.from(`\x80\x02${value}.`, 'latin1');
}

function text(value: string): string {
  return `X${String.fromCharCode(value.length)}\0\0\0${value}`;
}

function dict(entries: Readonly<Record<string, string>>): string {
  return `}(${Object.entries(entries).map(([key, value]) => text(key) + value).join('')}u`;
}

function tensor(index: number, storage = 'FloatStorage'): string {
  return `ctorch._utils\n_rebuild_tensor_v2\n((${text('storage')}ctorch\n${storage}\n${text(String(index))}${text('cpu')}K\x02tQK\x00(K\x02t(K\x01t\x89}tR`;
}
