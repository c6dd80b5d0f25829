import { strict as assert } from 'node:assert';
import { execFileSync } from 'node:child_process';
import { basename, join } from 'node:path';
import { describe, it } from 'mocha';
import { KernelFailure, OptionFailure } from '../../kernel/failure.ts';
import { findProgram } from '../../kernel/media/ffmpeg.ts';
import { checkRequest } from '../../kernel/pipeline/request.ts';
import type { RestoreRequest } from '../../kernel/recipe/restoreOptions.ts';
import { restoreFiles } from '../../kernel/pipeline/restoreFiles.ts';
import { filesBelow, inFolder, root } from '../cli/command.ts';

const portrait = join(root, 'samples', 'portrait.png');
const never = new AbortController().signal;

describe('options', () => {
  const contradictions: readonly (readonly [RestoreRequest, RegExp])[] = [
    [{ aligned: true, faces: [1] }, /--faces.*--aligned/],
    [{ aligned: true, faces: 'largest' }, /--faces.*--aligned/],
    [{ backboneOnly: true, independentNoise: true }, /--independent-noise.*--backbone-only/],
    [{ suffix: 'a\nb' }, /'suffix'/],
    [{ suffix: 'a\u001b[2Jb' }, /'suffix'/],
    [{ suffix: 'a\u0085' }, /'suffix'/],
    [{ suffix: '.' }, /'suffix' is out of range: a word that can stand in a file name is expected, .* more than dots/],
    [{ suffix: '' }, /'suffix'/],
  ];
  for (const [request, message] of contradictions) {
    it(`that contradict each other or cannot be are refused: ${JSON.stringify(request)}`, () => {
      assert.throws(() => {
        checkRequest(request);
      }, (error) => error instanceof KernelFailure && error.kind === 'usage' && message.test(error.message));
    });
  }

  it('that go together are not', () => {
    checkRequest({ aligned: true, faces: 'all' });
    checkRequest({ backboneOnly: true, suffix: 'wiederhergestellt ü' });
  });

  it('name a device that nobody knows: wrong usage, not a device that fails', () => inFolder(async (output) => {
    const restoring = restoreFiles([portrait], { model: 'identity', output }, { device: 'foo', signal: never });
    await assert.rejects(restoring, (error) => error instanceof KernelFailure && error.kind === 'usage' && /no device 'foo'/.test(error.message));
    assert.deepEqual(await filesBelow(output), []);
  }));

  it('name faces of which one is not there: the others are restored, and it is said', () => inFolder(async (output) => {
    const clip = join(output, 'a.mp4');
    execFileSync(await findProgram('ffmpeg'), ['-v', 'error', '-i', join(root, 'samples', 'clip.mp4'), '-frames:v', '3', '-an', clip]);
    const results = await restoreFiles([portrait, clip], { model: 'identity', faces: [1, 5], output }, { device: 'cpu', signal: never });
    for (const result of results) {
      assert.equal(result.status, 'restored');
      assert.deepEqual(result.faces.map(({ number }) => number), [1]);
      assert.ok(result.notes.includes('there are 2 faces, and none with the number 5'), result.notes.join('; '));
    }
  }));

  it('name faces twice or in another order: they are the same faces, and their result is taken', () => inFolder(async (output) => {
    const outputs: string[] = [];
    for (const faces of [[2, 1, 2], [1, 2], [1, 1], [1]]) {
      const [result] = await restoreFiles([portrait], { model: 'identity', faces, output }, { device: 'cpu', signal: never, reuse: true });
      assert.ok(result?.status === 'restored');
      outputs.push(basename(result.output));
    }
    assert.deepEqual(outputs, ['portrait.restored.png', 'portrait.restored.png', 'portrait.restored-2.png', 'portrait.restored-2.png']);
  }));

  it('name a codec where only pictures are: refused before anything is done', () => inFolder(async (output) => {
    const restoring = restoreFiles([portrait], { model: 'identity', codec: 'h264', output }, { device: 'cpu', signal: never });
    await assert.rejects(restoring, (error) => error instanceof OptionFailure && error.option === 'codec' && /portrait\.png is a picture: --codec is for clips; leave it away/.test(error.message));
    assert.deepEqual(await filesBelow(output), []);
  }));
});
