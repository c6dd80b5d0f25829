import { strict as assert } from 'node:assert';
import { execFile } from 'node:child_process';
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { promisify } from 'node:util';
import { describe, it } from 'mocha';
import { findProgram } from '../../kernel/media/ffmpeg.ts';
import { hiddenTemporary } from '../../kernel/temporaries.ts';
import { difface, inFolder, root } from './command.ts';
import { killedWhen } from './killed.ts';

describe('a restoration that is killed', () => {
  it('leaves a file in the making, which the next one into that folder clears; those of living processes and of other people stay', () => inFolder(async (folder) => {
    const output = join(folder, 'out');
    const clip = join(folder, 'clip.mp4');
    await promisify(execFile)(await findProgram('ffmpeg'), ['-v', 'error', '-t', '0.4', '-i', join(root, 'samples', 'clip.mp4'), '-c:v', 'libx264', '-an', clip]);
    const args = ['restore', clip, '--model', 'sample', '--backbone-only', '--device', 'cpu', '--output', output];
    const env = { DIFFACE_CACHE: join(folder, 'cache') };
    await mkdir(output);
    const others = [basename(hiddenTemporary(output, '.mp4')), '.mine.part.mp4'];
    for (const name of others) await writeFile(join(output, name), 'x');
    await killedWhen(args, env, output, (name) => name.endsWith('.part.mp4') && !others.includes(name));
    assert.equal((await readdir(output)).length, 1 + others.length);
    const { code, stderr } = await difface(args, { env });
    assert.equal(code, 0, stderr);
    assert.deepEqual((await readdir(output)).sort(), [...others, 'clip.restored.difface', 'clip.restored.mp4'].sort());
  }));
});
