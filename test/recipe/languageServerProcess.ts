import { fork, type ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import { createProtocolConnection, DidOpenTextDocumentNotification, InitializedNotification, InitializeRequest, IPCMessageReader, IPCMessageWriter, PublishDiagnosticsNotification, type Diagnostic, type InitializeParams, type ProtocolConnection } from 'vscode-languageserver-protocol/node';
import { root } from '../cli/command.ts';

/** The built language server as a process of its own, and the client's end of its connection. */
export class LanguageServerProcess {
  readonly connection: ProtocolConnection;
  private readonly told = new Map<string, readonly Diagnostic[]>();
  private readonly waiting = new Set<() => void>();

  private constructor(private readonly child: ChildProcess) {
    this.connection = createProtocolConnection(new IPCMessageReader(child), new IPCMessageWriter(child));
    this.connection.onNotification(PublishDiagnosticsNotification.type, ({ uri, diagnostics }) => {
      this.told.set(uri, diagnostics);
      for (const look of this.waiting) look();
    });
    this.connection.listen();
  }

  /** @param folders URIs of the workspace's */
  static async start(env: NodeJS.ProcessEnv = {}, folders: readonly string[] = []): Promise<LanguageServerProcess> {
    const server = new LanguageServerProcess(fork(join(root, 'dist', 'languageServer.cjs'), ['--node-ipc'], { stdio: 'ignore', env: { ...process.env, ...env } }));
    await server.connection.sendRequest(InitializeRequest.type, {
      processId: process.pid, workspaceFolders: folders.map((uri) => ({ uri, name: uri })), capabilities: { workspace: { workspaceFolders: true } },
    } as unknown as InitializeParams);
    await server.connection.sendNotification(InitializedNotification.type, {});
    return server;
  }

  async open(uri: string, text: string): Promise<void> {
    await this.connection.sendNotification(DidOpenTextDocumentNotification.type, { textDocument: { uri, languageId: 'difface', version: 1, text } });
  }

  /** Waits until what was told last of a document fits. */
  async problems(uri: string, fits: (found: readonly Diagnostic[]) => boolean): Promise<readonly Diagnostic[]> {
    return new Promise((resolve, reject) => {
      const tooLate = setTimeout(() => {
        this.waiting.delete(look);
        reject(new Error(`what was told of ${uri} does not fit: ${JSON.stringify(this.told.get(uri))}`));
      }, 15_000);
      const look = (): void => {
        const found = this.told.get(uri);
        if (!found || !fits(found)) return;
        clearTimeout(tooLate);
        this.waiting.delete(look);
        resolve(found);
      };
      this.waiting.add(look);
      look();
    });
  }

  /** Documents of which something was told. */
  get toldOf(): readonly string[] {
    return [...this.told.keys()];
  }

  /** What was told so far counts no more. */
  forget(): void {
    this.told.clear();
  }

  stop(): void {
    this.connection.dispose();
    this.child.kill('SIGKILL');
  }
}
