import { strict as assert } from 'node:assert';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, it } from 'mocha';
import { outcomeMime, outputItems, readOutcome, type OutputItem } from '../../extension/cellOutput.ts';
import { runCell, type ActionRunner, type CellPage } from '../../extension/cellRun.ts';
import { RequestFailure } from '../../extension/failures.ts';
import { firstCells, isOurs, notebookMetadata } from '../../extension/notebookShape.ts';
import { RareLine } from '../../extension/rareLine.ts';
import { ResultNames } from '../../extension/resultNames.ts';
import { nameFromStored, pathFromStored, storedName, storedPath, withoutMachine } from '../../extension/storedPaths.ts';
import type { ActionOutcome, NamedResult } from '../../kernel/protocol.ts';
import { notebookFolder } from '../../kernel/recipe/notebookFolder.ts';
import { parseRecipe } from '../../kernel/recipe/parse.ts';
import { summaryOf } from '../../kernel/recipe/summary.ts';

const folder = '/home/ada/photos';
const result: NamedResult = { name: 'ada', path: '/home/ada/photos/out/ada.restored.png', restored: { from: '/home/ada/photos/ada.png', options: { seed: 1, output: '/home/ada/photos/out', model: '/home/ada/models/mine' } } };
const picture = { mime: 'image/png', data: Buffer.from('picture').toString('base64'), width: 2, height: 2 } as const;
const outcome: ActionOutcome = {
  kind: 'restore', links: [{ title: 'ada.restored.png', path: 'out/ada.restored.png' }], notes: ['read from /home/ada/photos/ada.png'], named: result, picture,
  shown: [{ kind: 'picture', title: 'Ada', after: picture, text: 'Ada: 2 x 2 px' }],
};

describe('paths in a notebook', () => {
  it('begin at its folder, and lead to the same files from wherever it is then', () => {
    assert.equal(storedPath(folder, '/home/ada/photos/out/a b.png'), './out/a b.png');
    assert.equal(storedPath(folder, '/home/ada/models'), '../models');
    assert.equal(pathFromStored('/mnt/other', '../models'), '/mnt/models');
    const stored = storedName(folder, result)!;
    assert.ok(!JSON.stringify(stored).includes('/home'), JSON.stringify(stored));
    assert.deepEqual(nameFromStored(folder, stored), result);
    assert.equal(nameFromStored('/mnt/b', stored)?.restored?.from, '/mnt/b/ada.png');
  });

  it('that begin elsewhere are not followed: a notebook may come from anywhere', () => {
    for (const path of ['/etc/passwd', '\\\\server\\share\\a.png', '//server/a.png', 'C:\\a.png', 'c:/a.png', 'file:///etc/passwd', '~/a.png', 'a\\..\\b']) assert.equal(pathFromStored(folder, path), undefined, path);
  });

  it('names of models stay names', () => {
    const stored = storedName(folder, { ...result, restored: { from: result.path, options: { model: 'sample' } } })!;
    assert.equal(stored.restored?.options.model, 'sample');
    assert.equal(nameFromStored(folder, stored)?.restored?.options.model, 'sample');
  });

  it('are not told of this machine in texts', () => {
    assert.equal(withoutMachine('/home/ada/photos/a.png and /home/ada/b.png', folder, '/home/ada'), 'a.png and ~/b.png');
    assert.equal(withoutMachine('/a.png', '/', '/'), 'a.png');
  });

  it('begin nowhere in a notebook without a folder, which is said', () => {
    const why = (scheme: string, workspace?: string): string => {
      const place = notebookFolder({ scheme, path: '/home/ada/photos/a.ipynb', workspace });
      return 'why' in place ? place.why : place.folder;
    };
    assert.equal(why('file', '/w'), folder);
    assert.equal(why('untitled', '/w'), '/w');
    assert.match(why('untitled'), /Save it, or open a folder/);
    assert.match(why('vscode-vfs', '/w'), /vscode-vfs: is a virtual file system/);
  });
});

describe('an output', () => {
  it('is kept for our renderer, as a picture and in words, without paths of this machine', () => {
    const items = new Map(outputItems(outcome, folder).map(({ mime, data }) => [mime, Buffer.from(data)]));
    assert.deepEqual([...items.keys()], [outcomeMime, 'image/png', 'text/plain']);
    assert.equal(items.get('image/png')!.toString(), 'picture');
    assert.equal(items.get('text/plain')!.toString(), 'Ada: 2 x 2 px\nread from ada.png\nada.restored.png: out/ada.restored.png');
    const stored = JSON.parse(items.get(outcomeMime)!.toString()) as Record<string, unknown>;
    assert.ok(!JSON.stringify(stored).includes('/home/ada'), JSON.stringify(stored));
    assert.equal(stored['picture'], undefined, 'it is not there twice');
  });

  it('that is none of ours, damaged, or newer is not read for names', () => {
    const read = (text: string): unknown => readOutcome(new TextEncoder().encode(text));
    for (const text of ['', '{', 'null', '[]', '{"version":2,"shown":[]}', '{"version":1}']) assert.equal(read(text), undefined, text);
  });
});

describe('the names of a notebook', () => {
  it('are those its outputs tell; the latest execution gives a name its meaning', () => {
    const names = new ResultNames([{ execution: 7, named: { name: 'a', path: './late.png' } }, { execution: 2, named: { name: 'a', path: './early.png' } }, { execution: 3, named: { name: 'b', path: './b.png' } }], folder);
    assert.deepEqual(new Map(names.all.map(({ name, path }) => [name, path])), new Map([['a', `${folder}/late.png`], ['b', `${folder}/b.png`]]));
    names.add({ name: 'a', path: '/now.png' });
    assert.equal(names.all.find(({ name }) => name === 'a')?.path, '/now.png');
  });

  it('are not taken from what only looks like them', () => {
    const odd = [{ name: 1, path: 'a' }, { name: 'a' }, { name: 'a', path: '/etc/passwd' }, { name: 'a', path: './a', restored: null }, { name: 'a', path: './a', restored: { from: './b' } }, 'a', null];
    assert.deepEqual(new ResultNames(odd.map((named) => ({ execution: 1, named })), folder).all, []);
  });
});

describe('a line of progress', () => {
  it('is not written more often than it may be, and its newest text is', async () => {
    const written: string[] = [];
    const line = new RareLine(async (text) => { await Promise.resolve(written.push(text)); }, 10);
    for (const text of ['a', 'b', 'c']) line.tell(text);
    while (written.length < 2) await sleep(1);
    for (const text of ['d', 'e']) line.tell(text);
    while (written.length < 3) await sleep(1);
    assert.deepEqual(written, ['a', 'c', 'e']);
  });

  it('is not written any more once it has ended, even where it cannot be written', async () => {
    const written: string[] = [];
    const line = new RareLine((text) => {
      written.push(text);
      return Promise.reject(new Error('the cell is gone'));
    }, 60_000);
    line.tell('a');
    line.tell('b');
    await line.end();
    line.tell('c');
    await sleep(1);
    assert.deepEqual(written, ['a']);
  });
});

/** What a cell shows, as lines. */
class TextPage implements CellPage {
  readonly lines: string[] = [];
  private line: string | undefined;

  get all(): readonly string[] {
    return [...this.lines, ...(this.line === undefined ? [] : [`... ${this.line}`])];
  }

  progress(line: string): void {
    this.line = line;
  }

  put(items: readonly OutputItem[]): Promise<void> {
    return this.add(new TextDecoder().decode(items.find(({ mime }) => mime === 'text/plain')!.data));
  }

  fail(name: string, message: string): Promise<void> {
    return this.add(`${name}: ${message}`);
  }

  clear(): Promise<void> {
    this.line = undefined;
    return Promise.resolve();
  }

  private add(line: string): Promise<void> {
    this.lines.push(line);
    return this.clear();
  }
}

describe('a cell', () => {
  const shows = (text: string, named?: NamedResult): ActionOutcome => ({ kind: 'show', shown: [{ kind: 'table', title: '', columns: [{ title: 'a' }], rows: [], text }], links: [], notes: [], ...(named ? { named } : {}) });
  const runner = (run: ActionRunner['run']): ActionRunner => ({ plan: ({ text, names }) => Promise.resolve(summaryOf(parseRecipe(text, names.map(({ name }) => name)))), run });
  const run = async (text: string, does: ActionRunner['run'], { names = new ResultNames([], folder), signal = new AbortController().signal } = {}): Promise<readonly [string, readonly string[]]> => {
    const page = new TextPage();
    const { kind } = await runCell({ text, folder, names, above: [] }, runner(does), page, signal);
    return [kind, page.all];
  };

  it('runs its actions one after the other and shows each when it is done; what one names the next one has', async () => {
    const seen: string[] = [];
    const end = await run('- restore: a.png\n  as: a\n- show: $a\n', ({ title, names }, tell) => {
      tell('working');
      seen.push(`${title} with ${names.map(({ name }) => name).join()}`);
      return Promise.resolve(shows(title, { name: 'a', path: '/a' }));
    });
    assert.deepEqual(end, ['done', ['Restoring a.png', 'Showing $a']]);
    assert.deepEqual(seen, ['Restoring a.png with ', 'Showing $a with a']);
  });

  it('knows what earlier cells named, and says where a name is unknown', async () => {
    const names = new ResultNames([], folder);
    const action = (): Promise<ActionOutcome> => Promise.resolve(shows('shown', { name: 'a', path: '/a' }));
    assert.match((await run('show: $a', action, { names }))[1].join(), /line 1, column 7: .*\$?a/);
    await run('restore: a.png\nas: a', action, { names });
    assert.deepEqual(await run('show: $a', action, { names }), ['done', ['shown']]);
  });

  it('with a mistake does nothing but say what and where it is', async () => {
    const [kind, lines] = await run('restore: a.png\nsede: 1\nsteps: 0\n', () => assert.fail('it runs'));
    assert.equal(kind, 'failed');
    assert.equal(lines.length, 1);
    assert.match(lines[0]!, /^Recipe: line 2, column 1: .*sede.*\nline 3, column 8: .*steps/is);
  });

  it('with missing weights offers to install them, and is silent about this machine', async () => {
    const page = new TextPage();
    const problem = { line: 0, column: 7, message: `the weights in ${folder}/m are not installed; 'difface weights install difface' installs them` };
    const end = await runCell({ text: 'restore: a.png', folder, names: new ResultNames([], folder), above: [] }, { plan: () => Promise.resolve({ actions: [], problems: [problem] }), run: () => assert.fail('it runs') }, page, new AbortController().signal);
    assert.ok(end.kind === 'failed' && end.error instanceof RequestFailure && end.error.kind === 'weights');
    assert.deepEqual(page.all, ['Recipe: line 1, column 8: the weights in m are not installed; DifFace: Manage Model Weights installs them']);
  });

  it('that fails in the middle keeps what was done, and says why, without paths of this machine', async () => {
    let actions = 0;
    const end = await run('- show: a.png\n- show: b.png\n- show: c.png\n', (_, tell) => {
      tell('working');
      return ++actions === 1 ? Promise.resolve(shows('one')) : Promise.reject(new RequestFailure('input', `${folder}/b.png is no picture`));
    });
    assert.deepEqual([end, actions], [['failed', ['one', 'DifFace: b.png is no picture.']], 2]);
  });

  it('that is interrupted says so, and runs no further action', async () => {
    const controller = new AbortController();
    const told: string[] = [];
    const end = await run('- show: a.png\n- show: b.png\n', (_, tell, signal) => new Promise((__, reject) => {
      tell('step 1');
      told.push('began');
      signal.addEventListener('abort', () => { reject(new RequestFailure('cancelled', 'cancelled')); });
      setTimeout(() => { controller.abort(); }, 5);
    }), { signal: controller.signal });
    assert.deepEqual([end, told], [['cancelled', ['Cancelled.']], ['began']]);
  });

  it('without anything in it comes to nothing', async () => {
    assert.deepEqual(await run('# nothing yet\n', () => assert.fail('it runs')), ['done', []]);
  });
});

describe('a new notebook', () => {
  it('is known as ours by its metadata, wherever VS Code puts that', () => {
    assert.ok(isOurs(notebookMetadata) && isOurs(notebookMetadata.metadata));
    assert.ok(!isOurs({ metadata: { kernelspec: { name: 'python3' } } }) && !isOurs({}));
  });

  it('begins with a recipe that can be run, whatever the file is called', () => {
    for (const file of ['a.png', 'sub folder/b.mp4', "it's: # odd.png", '-a.png', '$x.png', '[1].png', '../up.png', 'ä 名.png', '@x.png', 'true', '1']) {
      const text = firstCells(file).find(({ kind }) => kind === 'recipe')!.text;
      const { actions, problems } = parseRecipe(text);
      assert.deepEqual(problems, [], text);
      const action = actions[0]?.action;
      assert.equal(action?.kind === 'restore' && action.value.restore, file === '$x.png' ? './$x.png' : file, text);
    }
  });
});
