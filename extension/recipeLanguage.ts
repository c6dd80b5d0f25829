import { join } from 'node:path';
import { workspace, type ExtensionContext, type TextDocument } from 'vscode';
import { DidChangeConfigurationNotification, TransportKind } from 'vscode-languageclient/node';
import { DisposableStore, type Disposable } from './disposable.ts';
import { environment, type KernelClient } from './kernelClient.ts';
import { clipExtensions, pictureExtensions } from './mediaKinds.ts';
import { QuietClient } from './quietClient.ts';
import { recipeMiddleware } from './recipeMiddleware.ts';

const language = 'difface';

/** Completion, hovers, problems and the rest for recipes: a server of its own, started with the first recipe that is opened, in an editor or in the cell of a notebook. */
export function registerRecipeLanguage(context: ExtensionContext, kernel: KernelClient): Disposable {
  const store = new DisposableStore();
  let client: QuietClient | undefined;
  const startFor = ({ languageId }: TextDocument): void => {
    if (languageId !== language || client) return;
    const watcher = store.add(workspace.createFileSystemWatcher(`**/*.{${[...pictureExtensions, ...clipExtensions].join(',')}}`));
    const started = new QuietClient('difface.recipes', 'DifFace Recipes', { module: join(context.extensionPath, 'dist', 'languageServer.cjs'), transport: TransportKind.ipc, options: { env: environment() } }, {
      documentSelector: [{ scheme: 'file', language }, { scheme: 'untitled', language }, { notebook: 'jupyter-notebook', language }],
      outputChannel: kernel.log, middleware: recipeMiddleware, synchronize: { fileEvents: watcher },
    });
    client = started;
    started.start().catch((error: unknown) => { kernel.log.error(`the language server of recipes did not start: ${String(error)}`); });
  };
  store.add(workspace.onDidOpenTextDocument(startFor));
  // weights are what warnings are about, too
  store.add(kernel.onDidChangeModels(() => { void client?.sendNotification(DidChangeConfigurationNotification.type, { settings: null }).catch(() => undefined); }));
  store.add({ dispose: () => client?.dispose(2000).catch(() => undefined) });
  for (const document of workspace.textDocuments) startFor(document);
  return store;
}
