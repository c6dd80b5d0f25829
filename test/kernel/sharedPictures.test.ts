import { strict as assert } from 'node:assert';
import { copyFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it } from 'mocha';
import { SharedPictures } from '../../kernel/pipeline/sharedPictures.ts';
import { inFolder, root } from '../cli/command.ts';

describe('pictures of several views', () => {
  it('are decoded once, until the last view lets go or the file changes', () => inFolder(async (folder) => {
    const path = join(folder, 'a.png');
    await copyFile(join(root, 'samples', 'portrait.png'), path);
    const pictures = new SharedPictures();
    const [first, second] = await Promise.all([pictures.take(path), pictures.take(path)]);
    assert.equal(first.picture, second.picture);
    first.letGo();
    first.letGo();
    const third = await pictures.take(path);
    assert.equal(third.picture, second.picture, 'letting go twice counts once');
    await copyFile(join(root, 'media', 'icon.png'), path);
    assert.notEqual((await pictures.take(path)).picture, second.picture);
    second.letGo();
    third.letGo();
    await writeFile(path, 'no picture');
    await assert.rejects(pictures.take(path), /a\.png/);
  }));
});
