/**
 * How fast the language server answers while faces are restored: `npm run bench:language`. The kernel restores a clip meanwhile, over and over, as it does for the editor.
 */
import { fork } from 'node:child_process';
import { copyFile, mkdtemp, rm } from 'node:fs/promises';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { CompletionRequest, createProtocolConnection, DidChangeTextDocumentNotification, HoverRequest, InitializeRequest, IPCMessageReader, IPCMessageWriter, type InitializeParams, type Position } from 'vscode-languageserver-protocol/node';
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

/** Each answer belongs to a document that has just changed, as it does while somebody types. */
async function measure(when: string, server: LanguageServerProcess): Promise<void> {
  const uri = pathToFileURL(join(folder, `${when}.difface`)).href;
  const lines = Array.from({ length: 20 }, (_, i) => `- restore: [portrait.png, clip.mp4]\n  as: result${i}\n  seed: ${i}\n  sampler: ddim\n  start: 40`);
  const text = `${lines.join('\n')}\n- show: portrait.png\n  `;
  const end: Position = { line: text.split('\n').length - 1, character: 2 };
  await server.open(uri, text);
  const { connection } = server;
  const answers: Record<'completion of keys' | 'completion of files' | 'hover', number[]> = { 'completion of keys': [], 'completion of files': [], hover: [] };
  for (let version = 2; version < times + 2; version++) {
    const changed = async (added: string, at: number): Promise<void> => connection.sendNotification(DidChangeTextDocumentNotification.type, { textDocument: { uri, version: version * 3 + at }, contentChanges: [{ text: text + added }] });
    await changed('', 0);
    answers['completion of keys'].push(await timed(() => connection.sendRequest(CompletionRequest.type, { textDocument: { uri }, position: end })));
    await changed('beside: ', 1);
    answers['completion of files'].push(await timed(() => connection.sendRequest(CompletionRequest.type, { textDocument: { uri }, position: { ...end, character: 10 } })));
    answers.hover.push(await timed(() => connection.sendRequest(HoverRequest.type, { textDocument: { uri }, position: { line: 3, character: 4 } })));
    await sleep(20);
  }
  for (const [what, all] of Object.entries(answers)) {
    const sorted = all.sort((a, b) => a - b);
    const at = (share: number): number => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))]!;
    console.log(`${when}, ${what}: median ${at(0.5).toFixed(1)} ms, 95th percentile ${at(0.95).toFixed(1)} ms, worst ${at(1).toFixed(1)} ms (${all.length} times; ${at(0.95) < target ? 'under' : 'OVER'} ${target} ms)`);
  }
}

async function timed(ask: () => Promise<unknown>): Promise<number> {
  const began = performance.now();
  await ask();
  return performance.now() - began;
}
