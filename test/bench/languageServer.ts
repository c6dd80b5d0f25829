/**
 * How fast the language server answers while faces are restored: `npm run bench:language`. The kernel restores a clip meanwhile, over and over, as it does for the editor.
 */
import { fork } from 'node:child_process';
import { copyFile, mkdtemp, rm } from 'node:fs/promises';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { CompletionRequest, createProtocolConnection, DidChangeNotebookDocumentNotification, DidChangeTextDocumentNotification, DidOpenNotebookDocumentNotification, HoverRequest, InitializeRequest, IPCMessageReader, IPCMessageWriter, NotebookCellKind, type InitializeParams, type Position } from 'vscode-languageserver-protocol/node';
import { notifications, requests } from '../../kernel/protocol.ts';
import { root } from '../cli/command.ts';
import { LanguageServerProcess } from '../recipe/languageServerProcess.ts';

const times = 150;
const target = 50;

const folder = await mkdtemp(join(tmpdir(), 'difface-bench-'));
const kernel = fork(join(root, 'dist', 'kernel.cjs'), ['--node-ipc'], { stdio: 'ignore', env: { ...process.env, DIFFACE_CACHE: join(folder, 'cache') } });
const work = createProtocolConnection(new IPCMessageReader(kernel), new IPCMessageWriter(kernel));
work.listen();
const ended = new AbortController();
let steps = 0;
work.onNotification(notifications.progress, ({ progress: { stage } }) => {
  if (stage === 'restoring') steps++;
});
try {
  for (const name of ['clip.mp4', 'portrait.png']) await copyFile(join(root, 'samples', name), join(folder, name));
  const server = await LanguageServerProcess.start();
  console.log(`load before: ${loadavg()[0]!.toFixed(1)}`);
  await measure('at rest', server);
  await work.sendRequest(InitializeRequest.type, { processId: process.pid, workspaceFolders: null, capabilities: {} } as unknown as InitializeParams);
  void restoreOverAndOver();
  await sleep(10_000);                                                  // it finds faces first
  await measure('while the kernel restores a clip', server);
  console.log(`load after: ${loadavg()[0]!.toFixed(1)}; the kernel told of ${steps} steps meanwhile`);
  server.stop();
} finally {
  ended.abort();
  work.dispose();
  kernel.kill('SIGKILL');
  await sleep(500);
  await rm(folder, { recursive: true, force: true, maxRetries: 5 });
}

/** With another seed each time: what is restored already would take no time. */
async function restoreOverAndOver(): Promise<void> {
  for (let seed = 1; !ended.signal.aborted; seed++) {
    await work.sendRequest(requests.restore, { path: join(folder, 'clip.mp4'), options: { model: 'sample', seed }, job: `clip ${seed}`, device: 'cpu' }).catch((error: unknown) => {
      if (!ended.signal.aborted) throw error;
    });
  }
}

/** Changes the document, or the last cell of a notebook. */
type Change = (text: string, version: number) => Promise<void>;

/** Each answer belongs to a document that has just changed, as it does while somebody types. */
async function measure(when: string, server: LanguageServerProcess): Promise<void> {
  const { connection } = server;
  const written = (actions: number): string => Array.from({ length: actions }, (_, i) => `- restore: [portrait.png, clip.mp4]\n  as: result${i}\n  seed: ${i}\n  sampler: ddim\n  start: 40\n`).join('');
  const address = (name: string): string => pathToFileURL(join(folder, `${when}, ${name}`)).href;
  for (const actions of [20, 900]) {
    const [uri, text] = [address(`${actions}.difface`), `${written(actions)}- show: portrait.png\n  `];
    await server.open(uri, text);
    await ask(`${when}, ${actions} actions`, server, uri, text, (changed, version) => connection.sendNotification(DidChangeTextDocumentNotification.type, { textDocument: { uri, version }, contentChanges: [{ text: changed }] }));
  }
  const notebook = address('200.ipynb');
  const cells = Array.from({ length: 200 }, (_, i) => ({ kind: NotebookCellKind.Code, document: `vscode-notebook-cell:${notebook.slice('file:'.length)}#${i}` }));
  const uri = cells.at(-1)!.document;
  await connection.sendNotification(DidOpenNotebookDocumentNotification.type, {
    notebookDocument: { uri: notebook, notebookType: 'jupyter-notebook', version: 1, cells },
    cellTextDocuments: cells.map(({ document }, i) => ({ uri: document, languageId: 'difface', version: 1, text: `restore: portrait.png\nas: cell${i}\nseed: ${i}\nsampler: ddim\n` })),
  });
  await ask(`${when}, the last of 200 cells`, server, uri, `${written(1)}- show: $cell3\n  `, (changed, version) => connection.sendNotification(DidChangeNotebookDocumentNotification.type, {
    notebookDocument: { uri: notebook, version }, change: { cells: { textContent: [{ document: { uri, version }, changes: [{ text: changed }] }] } },
  }));
}

/** @param text ends with an action whose next key is to be written */
async function ask(what: string, { connection }: LanguageServerProcess, uri: string, text: string, change: Change): Promise<void> {
  const end: Position = { line: text.split('\n').length - 1, character: 2 };
  const answers: Record<'completion of keys' | 'completion of files' | 'hover', number[]> = { 'completion of keys': [], 'completion of files': [], hover: [] };
  for (let version = 2; version < times + 2; version++) {
    await change(text, version * 2);
    answers['completion of keys'].push(await timed(() => connection.sendRequest(CompletionRequest.type, { textDocument: { uri }, position: end })));
    await change(`${text}beside: `, version * 2 + 1);
    answers['completion of files'].push(await timed(() => connection.sendRequest(CompletionRequest.type, { textDocument: { uri }, position: { ...end, character: 10 } })));
    answers.hover.push(await timed(() => connection.sendRequest(HoverRequest.type, { textDocument: { uri }, position: { line: 3, character: 4 } })));
    await sleep(20);
  }
  for (const [asked, all] of Object.entries(answers)) {
    const sorted = all.sort((a, b) => a - b);
    const at = (share: number): number => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))]!;
    console.log(`${what}, ${asked}: median ${at(0.5).toFixed(1)} ms, 95th percentile ${at(0.95).toFixed(1)} ms, worst ${at(1).toFixed(1)} ms (${all.length} times; ${at(0.95) < target ? 'under' : 'OVER'} ${target} ms)`);
  }
}

async function timed(ask: () => Promise<unknown>): Promise<number> {
  const began = performance.now();
  await ask();
  return performance.now() - began;
}
