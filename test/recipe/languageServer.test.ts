import { strict as assert } from 'node:assert';
import { copyFile, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { after, before, describe, it } from 'mocha';
import {
  CodeActionRequest, CodeLensRequest, CompletionRequest, DefinitionRequest, DidChangeNotebookDocumentNotification, DidChangeTextDocumentNotification, DidChangeWatchedFilesNotification, DidChangeWorkspaceFoldersNotification, DidCloseTextDocumentNotification, DidOpenNotebookDocumentNotification,
  DocumentFormattingRequest, DocumentLinkRequest, DocumentSymbolRequest, HoverRequest, NotebookCellKind, RenameRequest, SemanticTokensRequest,
  type CodeAction, type CompletionItem, type Hover, type Location, type Position, type TextEdit,
} from 'vscode-languageserver-protocol/node';
import { TextDocument } from 'vscode-languageserver-textdocument';
import { root } from '../cli/command.ts';
import { LanguageServerProcess } from './languageServerProcess.ts';
import { marked } from './memory.ts';

describe('the language server of recipes', () => {
  let folder: string;
  let server: LanguageServerProcess;
  let opened = 0;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'difface-recipes-'));
    await mkdir(join(folder, 'photos'));
    await copyFile(join(root, 'samples', 'portrait.png'), join(folder, 'portrait.png'));
    server = await LanguageServerProcess.start({ DIFFACE_WEIGHTS: join(folder, 'weights'), DIFFACE_CACHE: join(folder, 'cache') }, ['vscode-vfs://github/someone/else', pathToFileURL(folder).href]);
  });
  after(async () => {
    server.stop();
    await rm(folder, { recursive: true, force: true });
  });

  /** Opens a text in which `¦` marks the place that is asked about. */
  const open = async (written: string): Promise<{ readonly uri: string; readonly document: TextDocument; readonly position: Position; readonly about: { readonly textDocument: { readonly uri: string }; readonly position: Position } }> => {
    const { text, offset } = marked(written);
    const uri = pathToFileURL(join(folder, `recipe ${++opened}.difface`)).href;
    await server.open(uri, text);
    const document = TextDocument.create(uri, 'difface', 1, text);
    const position = document.positionAt(Math.max(0, offset));
    return { uri, document, position, about: { textDocument: { uri }, position } };
  };
  /** Opens a notebook of these cells. @returns the URI of a cell, counted from 0 */
  const openNotebook = async (notebook: string, cells: readonly string[]): Promise<(cell: number) => string> => {
    const uri = (i: number): string => `vscode-notebook-cell:${notebook.slice(notebook.indexOf(':') + 1)}#cell${i}`;
    await server.connection.sendNotification(DidOpenNotebookDocumentNotification.type, {
      notebookDocument: { uri: notebook, notebookType: 'jupyter-notebook', version: 1, cells: cells.map((_, i) => ({ kind: NotebookCellKind.Code, document: uri(i) })) },
      cellTextDocuments: cells.map((text, i) => ({ uri: uri(i), languageId: 'difface', version: 1, text })),
    });
    return uri;
  };
  const fileUri = (name: string): string => pathToFileURL(join(folder, name)).href;
  const completions = async (written: string): Promise<readonly CompletionItem[]> => (await server.connection.sendRequest(CompletionRequest.type, (await open(written)).about)) as CompletionItem[];

  it('completes keys, values, models and files', async () => {
    assert.ok((await completions('restore: portrait.png\n¦')).some(({ label, documentation }) => label === 'seed' && JSON.stringify(documentation).includes('Seed of all noise')));
    assert.deepEqual((await completions('restore: ¦')).map(({ label }) => label), ['photos/', 'portrait.png']);
    assert.deepEqual((await completions('restore: portrait.png\nmodel: ¦')).map(({ label, detail }) => [label, detail]), [['difface', 'not installed'], ['sample', undefined], ['identity', undefined]]);
    assert.ok((await completions('restore: portrait.png\ndevice: ¦')).some(({ label, detail }) => label === 'cpu' && detail === 'usable'));
  });

  it('replaces exactly the word that is written', async () => {
    const { about, document } = await open('restore: portrait.png\nsampler: dd¦im # why\n');
    const items = (await server.connection.sendRequest(CompletionRequest.type, about)) as CompletionItem[];
    const edit = items.find(({ label }) => label === 'ddpm')!.textEdit as TextEdit;
    assert.equal(TextDocument.applyEdits(document, [edit]), 'restore: portrait.png\nsampler: ddpm # why\n');
  });

  it('says what a key and a file are', async () => {
    const said = async (written: string): Promise<string> => JSON.stringify(((await server.connection.sendRequest(HoverRequest.type, (await open(written)).about)) as Hover).contents);
    assert.match(await said('restore: portrait.png\neta¦: 0.5'), /How much noise DDIM adds.*Song et al/s);
    assert.match(await said('restore: portr¦ait.png'), /A picture, \d+ kB/);
    assert.equal(await server.connection.sendRequest(HoverRequest.type, (await open('¦banana: 3')).about), null);
  });

  it('tells problems a moment after a change, with fixes that mend them', async () => {
    const { uri, document } = await open('restore: portrait.pgn\nsede: 3\n');
    const found = await server.problems(uri, ({ length }) => length === 2);
    assert.deepEqual(found.map(({ code, range }) => [code, document.getText(range)]), [['file', 'portrait.pgn'], ['key', 'sede']]);
    const actions = (await server.connection.sendRequest(CodeActionRequest.type, { textDocument: { uri }, range: { start: { line: 0, character: 0 }, end: { line: 2, character: 0 } }, context: { diagnostics: [] } })) as CodeAction[];
    assert.deepEqual(actions.map(({ title }) => title), ["Change 'portrait.pgn' to 'portrait.png'", "Change 'sede' to 'seed'", "Remove 'sede'"]);
    const fixed = TextDocument.applyEdits(document, actions.slice(0, 2).flatMap(({ edit }) => edit!.changes![uri]!));
    await server.connection.sendNotification(DidChangeTextDocumentNotification.type, { textDocument: { uri, version: 2 }, contentChanges: [{ text: fixed }] });
    await server.problems(uri, ({ length }) => length === 0);
    await server.connection.sendNotification(DidCloseTextDocumentNotification.type, { textDocument: { uri } });
  });

  it('offers to install weights that are missing', async () => {
    const { uri } = await open('restore: portrait.png\nmodel: difface\n');
    assert.deepEqual((await server.problems(uri, ({ length }) => length > 0)).map(({ severity, code }) => [severity, code]), [[1, 'weights']]);
    const [action] = (await server.connection.sendRequest(CodeActionRequest.type, { textDocument: { uri }, range: { start: { line: 1, character: 8 }, end: { line: 1, character: 8 } }, context: { diagnostics: [] } })) as CodeAction[];
    assert.deepEqual(action?.command, { title: 'Install the Weights...', command: 'difface.installWeights', arguments: [['difface']] });
  });

  it('underlines what a run would refuse, of this machine and of the models on it', async () => {
    await writeFile(join(folder, 'taken'), '');
    const { uri, document } = await open('- restore: portrait.png\n  model: sample\n  start: 900\n  output: taken/made\n  as: it\n- trajectory: $it\n  start: 5\n  steps: 9\n  frame: 2\n- measure: $it\n  device: cpu\n- restore: $it\n  device: dml:42\n');
    const found = await server.problems(uri, ({ length }) => length === 6);
    assert.deepEqual(found.map(({ range, severity }) => [document.getText(range), severity]), [['start', 1], ['taken/made', 1], ['steps', 1], ['frame', 1], ['device', 1], ['dml:42', 1]]);
    for (const [i, said] of [/must be 1 to 249/, /taken is a file/, /ddim has 5 steps below the start 5; 9 cannot/, /portrait\.png is a picture/, /belongs to 'restore', 'trajectory' and 'compare'/, /no dml:42 here/].entries()) assert.match(found[i]!.message as string, said);
  });

  it('underlines files that cannot be read, and files of two sizes that would be compared', async () => {
    for (const name of ['broken.png', 'broken.mp4']) await writeFile(join(folder, name), 'no picture');
    await copyFile(join(root, 'media', 'walkthrough', 'open.png'), join(folder, 'other.png'));
    await copyFile(join(root, 'samples', 'clip.mp4'), join(folder, 'clip.mp4'));
    const { uri, document } = await open('- restore: [portrait.png, clip.mp4, broken.png]\n- show: broken.mp4\n- measure: portrait.png\n  against: other.png\n');
    const found = await server.problems(uri, ({ length }) => length === 3);
    assert.deepEqual(found.map(({ range }) => document.getText(range)), ['broken.png', 'broken.mp4', 'against']);
    for (const [i, said] of [/broken\.png is no picture that can be read/, /broken\.mp4 is no clip that can be read/, /portrait\.png has 800 x 600 px and the reference .*other\.png \d+ x \d+ px/].entries()) assert.match(found[i]!.message as string, said);
    await copyFile(join(folder, 'portrait.png'), join(folder, 'broken.png'));
    await server.connection.sendNotification(DidChangeWatchedFilesNotification.type, { changes: [] });
    await server.problems(uri, ({ length }) => length === 2);
  });

  it('notices a file that appears', async () => {
    const { uri } = await open('restore: later.png\n');
    await server.problems(uri, ([first]) => first?.code === 'file');
    await writeFile(join(folder, 'later.png'), '');
    await server.connection.sendNotification(DidChangeWatchedFilesNotification.type, { changes: [] });
    await server.problems(uri, ([first]) => /is empty/.test(first?.message as string));
    await copyFile(join(folder, 'portrait.png'), join(folder, 'later.png'));
    await server.connection.sendNotification(DidChangeWatchedFilesNotification.type, { changes: [] });
    await server.problems(uri, ({ length }) => length === 0);
  });

  it('formats, links, colours, outlines, and has a lens for each action', async () => {
    const { uri, document } = await open('-   restore:   portrait.png # one\n    seed:  3\n-   show: nowhere.png\n');
    const textDocument = { uri };
    const edits = await server.connection.sendRequest(DocumentFormattingRequest.type, { textDocument, options: { tabSize: 2, insertSpaces: true } });
    assert.equal(TextDocument.applyEdits(document, edits!), '- restore: portrait.png # one\n  seed: 3\n- show: nowhere.png\n');
    assert.deepEqual((await server.connection.sendRequest(DocumentLinkRequest.type, { textDocument }))?.map(({ target }) => target), [pathToFileURL(join(folder, 'portrait.png')).href]);
    assert.deepEqual((await server.connection.sendRequest(CodeLensRequest.type, { textDocument }))?.map(({ command, range }) => [command?.title, command?.arguments, range.start.line]), [['$(play) Run', [uri, 0], 0], ['$(play) Run', [uri, 1], 2]]);
    assert.deepEqual((await server.connection.sendRequest(DocumentSymbolRequest.type, { textDocument }))?.map(({ name }) => name), ['restore', 'show']);
    const { data } = (await server.connection.sendRequest(SemanticTokensRequest.type, { textDocument }))!;
    // restore portrait.png seed 3 show nowhere.png: a step of lines, of characters, the length, the type, no modifier
    assert.deepEqual(data, [0, 4, 7, 0, 0, 0, 11, 12, 5, 0, 1, 4, 4, 1, 0, 0, 7, 1, 4, 0, 1, 4, 4, 0, 0, 0, 6, 11, 5, 0]);
  });

  it('leads to the latest action before that gave a name', async () => {
    const lineOf = async (written: string): Promise<unknown> => ((await server.connection.sendRequest(DefinitionRequest.type, (await open(written)).about)) as Location | null)?.range.start.line;
    const first = '- restore: portrait.png\n  as: x\n';
    assert.equal(await lineOf(`${first}- show: $¦x\n- measure: portrait.png\n  as: x\n`), 1);
    assert.equal(await lineOf(`${first}- as: x\n  restore: $¦x\n- show: $x\n`), 1, 'what it makes itself is not there before');
    assert.equal(await lineOf(`${first}- as: x\n  restore: $x\n- show: $¦x\n`), 2);
  });

  it('has a lens to replay a lockfile, and none above a lockfile in the cell of a notebook', async () => {
    const text = 'restore: portrait.png\nlocked: {}\n';
    const { uri } = await open(text);
    const lensesOf = async (of: string): Promise<readonly unknown[]> => (await server.connection.sendRequest(CodeLensRequest.type, { textDocument: { uri: of } }))!.map(({ command }) => [command?.command, command?.arguments]);
    assert.deepEqual(await lensesOf(uri), [['difface.runRecipeAction', [uri, 0]], ['difface.replay', [uri]]]);
    const cell = await openNotebook(fileUri('locked.ipynb'), [text]);
    assert.deepEqual(await lensesOf(cell(0)), [['difface.runRecipeAction', [cell(0), 0]]]);
  });

  it('knows in the cells of a notebook what those above have named', async () => {
    const cells = ['restore: portrait.png\nas: face\n', 'show: $face\n', 'show: $fase\n'];
    const notebook = fileUri('tour.ipynb');
    const uri = await openNotebook(notebook, cells);
    await server.problems(uri(0), ({ length }) => length === 0);
    await server.problems(uri(1), ({ length }) => length === 0);
    assert.match((await server.problems(uri(2), ({ length }) => length === 1))[0]!.message as string, /named 'fase'; 'face' is meant/);
    const offered = (await server.connection.sendRequest(CompletionRequest.type, { textDocument: { uri: uri(1) }, position: { line: 0, character: 7 } })) as CompletionItem[];
    assert.deepEqual(offered.filter(({ label }) => label.startsWith('$')).map(({ label, detail }) => [label, detail]), [['$face', 'restore portrait.png']]);
    assert.deepEqual(await server.connection.sendRequest(DefinitionRequest.type, { textDocument: { uri: uri(1) }, position: { line: 0, character: 8 } }), { uri: uri(0), range: { start: { line: 1, character: 4 }, end: { line: 1, character: 8 } } });
    const renamed = await server.connection.sendRequest(RenameRequest.type, { textDocument: { uri: uri(1) }, position: { line: 0, character: 8 }, newName: '$result' });
    assert.deepEqual(Object.entries(renamed?.changes ?? {}).flatMap(([where, edits]) => edits.map(({ newText, range }) => [where, newText, range.start.character])), [[uri(0), 'result', 4], [uri(1), 'result', 7]]);
    // what the result of a cell above is going to be
    await server.connection.sendNotification(DidChangeNotebookDocumentNotification.type, {
      notebookDocument: { uri: notebook, version: 2 }, change: { cells: { textContent: [{ document: { uri: uri(1), version: 2 }, changes: [{ text: 'show: $face\nframe: 3\n' }] }] } },
    });
    assert.match((await server.problems(uri(1), ({ length }) => length === 1))[0]!.message as string, /portrait\.restored\.png is a picture: it has no frame 3/);
    await server.connection.sendNotification(DidChangeNotebookDocumentNotification.type, {
      notebookDocument: { uri: notebook, version: 3 }, change: { cells: { textContent: [{ document: { uri: uri(1), version: 3 }, changes: [{ text: cells[1]! }] }] } },
    });
    await assert.rejects(server.connection.sendRequest(RenameRequest.type, { textDocument: { uri: uri(1) }, position: { line: 0, character: 8 }, newName: 'a b' }), /letters, digits/);
    // two results would be one
    const other = await openNotebook(fileUri('two.ipynb'), ['restore: portrait.png\nas: one\n', 'restore: portrait.png\nas: two\n', 'show: $two\n']);
    const rename = (newName: string): Promise<unknown> => server.connection.sendRequest(RenameRequest.type, { textDocument: { uri: other(2) }, position: { line: 0, character: 8 }, newName });
    await assert.rejects(rename('one'), /Another result is named 'one' already/);
    assert.notEqual(await rename('two'), null);
    assert.deepEqual((await server.connection.sendRequest(CodeLensRequest.type, { textDocument: { uri: uri(1) } }))?.map(({ command }) => command?.title), ['$(play) Run Cell']);
    // the cell above calls its result otherwise
    await server.connection.sendNotification(DidChangeNotebookDocumentNotification.type, {
      notebookDocument: { uri: notebook, version: 4 }, change: { cells: { textContent: [{ document: { uri: uri(0), version: 2 }, changes: [{ text: 'restore: portrait.png\nas: fase\n' }] }] } },
    });
    await server.problems(uri(1), ({ length }) => length === 1);
    await server.problems(uri(2), ({ length }) => length === 0);
  });

  it('knows what a cell names whose lines are laid out wrongly', async () => {
    const uri = await openNotebook(fileUri('slips.ipynb'), ['restore: portrait.png\n  as: face\n', 'show: $face\n']);
    await server.problems(uri(0), ({ length }) => length === 1);
    await server.problems(uri(1), ({ length }) => length === 0);
  });

  it('reads paths in a notebook that is not saved from the folder of the workspace, where its cells run', async () => {
    const cell = await openNotebook('untitled:Untitled-1.ipynb', ['restore: portrait.pgn\n']);
    const workspace = { uri: pathToFileURL(folder).href, name: 'photos' };
    const change = (added: readonly (typeof workspace)[], removed: readonly (typeof workspace)[]): Promise<void> => server.connection.sendNotification(DidChangeWorkspaceFoldersNotification.type, { event: { added: [...added], removed: [...removed] } });
    const files = async (): Promise<readonly string[]> => {
      const offered = (await server.connection.sendRequest(CompletionRequest.type, { textDocument: { uri: cell(0) }, position: { line: 0, character: 9 } })) as CompletionItem[];
      return offered.map(({ label }) => label).filter((label) => label === 'portrait.png');
    };
    assert.match((await server.problems(cell(0), ({ length }) => length === 1))[0]!.message as string, /portrait\.pgn does not exist/);
    assert.deepEqual(await files(), ['portrait.png']);
    await change([], [workspace]);
    await server.problems(cell(0), ({ length }) => length === 0);
    assert.deepEqual(await files(), []);
    await change([workspace], []);
    await server.problems(cell(0), ({ length }) => length === 1);
  });

  it('looks again at the cells below alone, and only when a cell names another result', async () => {
    const notebook = fileUri('long.ipynb');
    const cells = Array.from({ length: 30 }, (_, i) => `restore: portrait.png\nas: face${i}\n`);
    const uri = await openNotebook(notebook, cells);
    for (const i of cells.keys()) await server.problems(uri(i), ({ length }) => length === 0);
    const change = async (version: number, text: string): Promise<void> => {
      server.forget();
      await server.connection.sendNotification(DidChangeNotebookDocumentNotification.type, { notebookDocument: { uri: notebook, version }, change: { cells: { textContent: [{ document: { uri: uri(3), version }, changes: [{ text }] }] } } });
    };
    await change(2, 'restore: portrait.png # why\nas: face3\n');
    await server.problems(uri(3), ({ length }) => length === 0);
    assert.deepEqual(server.toldOf, [uri(3)]);
    await change(3, 'restore: portrait.png\nas: other\n');
    for (const i of [...cells.keys()].slice(3)) await server.problems(uri(i), ({ length }) => length === 0);
    assert.deepEqual(new Set(server.toldOf), new Set(cells.map((_, i) => uri(i)).slice(3)));
    server.forget();
    await server.connection.sendNotification(DidChangeNotebookDocumentNotification.type, {
      notebookDocument: { uri: notebook, version: 4 }, change: { cells: { structure: { array: { start: 20, deleteCount: 1 }, didClose: [{ uri: uri(20) }] } } },
    });
    for (const i of [...cells.keys()].slice(20)) await server.problems(uri(i), ({ length }) => length === 0);
    assert.deepEqual(new Set(server.toldOf), new Set(cells.map((_, i) => uri(i)).slice(20)));
  });

  it('lives on after documents that cannot be read', async () => {
    for (const text of ['['.repeat(50_000), '? '.repeat(5000), '\0\uFEFF\uD800', '&a [*a]', `show: "\\0"`, 'show: "\\0/a"']) {
      const { uri, about } = await open(`${text}¦`);
      await server.problems(uri, () => true);
      await server.connection.sendRequest(CompletionRequest.type, about);
      await server.connection.sendRequest(HoverRequest.type, about);
      await server.connection.sendRequest(DocumentLinkRequest.type, { textDocument: { uri } });
    }
    assert.ok((await completions('¦')).length > 0);
  });
});
