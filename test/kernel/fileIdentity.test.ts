import { strict as assert } from 'node:assert';
import { mkdir, stat, symlink, utimes, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { describe, it } from 'mocha';
import { fileIdentity } from '../../kernel/pipeline/fileIdentity.ts';
import { inFolder } from '../cli/command.ts';

describe('the identity of a file', () => {
  it('is the same by whatever path it is reached', () => inFolder(async (folder) => {
    const path = join(folder, 'a.png');
    await writeFile(path, 'one');
    await symlink(folder, join(folder, 'link'));
    const expected = await fileIdentity(path);
    assert.deepEqual(await fileIdentity(relative('.', path)), expected);
    assert.deepEqual(await fileIdentity(join(folder, 'link', 'a.png')), expected);
  }));

  it('differs for files of the same name, size and time in two folders', () => inFolder(async (folder) => {
    const before = process.cwd();
    const identities = [];
    try {
      for (const [name, content] of [['x', 'one'], ['y', 'two']] as const) {
        await mkdir(join(folder, name));
        process.chdir(join(folder, name));
        await writeFile('a.bmp', content);
        await utimes('a.bmp', 1e9, 1e9);
        identities.push(await fileIdentity('a.bmp'));
      }
    } finally {
      process.chdir(before);
    }
    assert.notDeepEqual(identities[0], identities[1]);
  }));

  it('changes with the content, even where size and time of modification are made to look the same', () => inFolder(async (folder) => {
    const path = join(folder, 'a.png');
    await writeFile(path, 'one');
    const { atime, mtime } = await stat(path);
    await utimes(path, atime, mtime);
    const before = await fileIdentity(path);
    await new Promise((resolve) => setTimeout(resolve, 20));
    await writeFile(path, 'two');
    await utimes(path, atime, mtime);
    assert.notDeepEqual(await fileIdentity(path), before);
  }));
});
