import { strict as assert } from 'node:assert';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { describe, it } from 'mocha';
import { clipExtensions, isClip, pictureExtensions } from '../../extension/mediaKinds.ts';
import { clipExtensions as clipsOfKernel, collectFiles, pictureExtensions as picturesOfKernel } from '../../kernel/pipeline/collectFiles.ts';
import { root } from '../cli/command.ts';

interface Manifest {
  readonly contributes: {
    readonly customEditors: readonly { readonly viewType: string; readonly selector: readonly { readonly filenamePattern: string }[] }[];
    readonly menus: Readonly<Record<string, readonly { readonly command: string; readonly when?: string }[]>>;
  };
}

/** What the kernel knows and is not offered: most `.ts` are TypeScript; the others it knows only to say that it cannot read them. */
const notOffered = ['.ts', '.jxl', '.jp2'];

describe('the kinds of files', () => {
  const { customEditors, menus } = (JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as Manifest).contributes;
  const all = [...pictureExtensions, ...clipExtensions];

  it('are those of the kernel', () => {
    const offered = (known: ReadonlySet<string>): readonly string[] => [...known].filter((extension) => !notOffered.includes(extension)).map((extension) => extension.slice(1)).sort();
    assert.deepEqual([...pictureExtensions].sort(), offered(picturesOfKernel));
    assert.deepEqual([...clipExtensions].sort(), offered(clipsOfKernel));
  });

  it('are those the editors are offered for, whatever the case of their letters', () => {
    for (const [viewType, extensions] of [['difface.image', pictureExtensions], ['difface.video', clipExtensions]] as const) {
      const { selector } = customEditors.find((editor) => editor.viewType === viewType)!;
      assert.deepEqual(selector.map(({ filenamePattern }) => filenamePattern), extensions.map((extension) => `*.${extension.replace(/[a-z]/g, (letter) => `[${letter}${letter.toUpperCase()}]`)}`));
    }
  });

  it('are those the menus are offered for', () => {
    const lists = Object.values(menus).flat().flatMap(({ command, when = '' }) => [...when.matchAll(/resourceExtname =~ \/\^\\\.\(([^)]*)\)\$\/i/g)].map(([, list]) => [command, list!.split('|')] as const));
    assert.deepEqual(lists.map(([command]) => command).sort(), ['difface.copyAsRecipe', 'difface.openWith', 'difface.openWith', 'difface.restoreFaces', 'difface.restoreFacesWith']);
    for (const [command, list] of lists) assert.deepEqual([...list].sort(), [...all].sort(), command);
  });

  it('decide the editor', () => {
    assert.deepEqual(['a.MKV', 'a.b.png', 'clip', 'x.ts'].map(isClip), [true, false, false, true]);
  });

  it('a folder of a program has no clips in its TypeScript files', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'difface-kinds-'));
    try {
      const stream = Buffer.alloc(376, 0x47);
      writeFileSync(join(folder, 'broadcast.ts'), stream);
      writeFileSync(join(folder, 'program.ts'), `Getter;${' '.repeat(200)}`);
      writeFileSync(join(folder, 'short.ts'), 'G');
      const { files, skipped } = await collectFiles([folder]);
      assert.deepEqual(files.map(({ path }) => basename(path)), ['broadcast.ts']);
      assert.deepEqual(skipped.map(({ path }) => basename(path)), ['program.ts', 'short.ts']);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
