import { strict as assert } from 'node:assert';
import { mkdir, readdir, readFile, utimes, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { describe, it } from 'mocha';
import { writeFolderWhole, writeWhole } from '../../kernel/media/atomicFile.ts';
import { inFolder } from '../cli/command.ts';

/** Resolves for all who wait when all of them do. */
function meeting(size: number): () => Promise<void> {
  const waiting: (() => void)[] = [];
  return () => new Promise((resolve) => {
    waiting.push(resolve);
    if (waiting.length === size) for (const goOn of waiting) goOn();
  });
}

describe('several that write one name at the same time', () => {
  const makers = ['a', 'b', 'c', 'd'];

  it('get a whole file each', () => inFolder(async (folder) => {
    const together = meeting(makers.length);
    const paths = await Promise.all(makers.map((maker) => writeWhole(join(folder, 'x.png'), async (temporary) => {
      await writeFile(temporary, maker);
      await together();
    })));
    assert.deepEqual(await Promise.all(paths.map((path) => readFile(path, 'utf8'))), makers);
    assert.deepEqual((await readdir(folder)).sort(), ['x-2.png', 'x-3.png', 'x-4.png', 'x.png']);
  }));

  it('clear what nobody makes any more: of an earlier version, or of another machine, a day after its last change', () => inFolder(async (folder) => {
    const [earlier, elsewhere] = ['.0123456789abcdef.part.png', '.00000000-1-11111111-0.part.mp4'];
    for (const name of [earlier, elsewhere, '.0.part.png']) await writeFile(join(folder, name), '');
    await writeWhole(join(folder, 'x.png'), (temporary) => writeFile(temporary, ''));
    assert.deepEqual((await readdir(folder)).sort(), ['.0.part.png', elsewhere, earlier, 'x.png'].sort(), 'somebody may still be at it');
    const old = join(folder, 'old');
    await mkdir(old);
    for (const name of [earlier, elsewhere, '.0.part.png']) {
      await writeFile(join(old, name), '');
      await utimes(join(old, name), 1, 1);
    }
    await writeWhole(join(old, 'x.png'), (temporary) => writeFile(temporary, ''));
    assert.deepEqual((await readdir(old)).sort(), ['.0.part.png', 'x.png']);
  }));

  it('get a whole folder each', () => inFolder(async (folder) => {
    const together = meeting(makers.length);
    const paths = await Promise.all(makers.map((maker) => writeFolderWhole(join(folder, 'walk'), async (temporary) => {
      await writeFile(join(temporary, maker), '');
      await together();
    })));
    assert.deepEqual(await Promise.all(paths.map((path) => readdir(path))), makers.map((maker) => [maker]));
    assert.deepEqual(paths.map((path) => basename(path)).sort(), ['walk', 'walk-2', 'walk-3', 'walk-4']);
    assert.equal((await readdir(folder)).length, makers.length);
  }));
});
