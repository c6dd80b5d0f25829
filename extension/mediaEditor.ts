import { commands, Uri, window, workspace, type CustomReadonlyEditorProvider, type ExtensionContext, type WebviewPanel } from 'vscode';
import { DisposableStore, type Disposable } from './disposable.ts';
import type { JobQueue } from './jobQueue.ts';
import type { KernelClient } from './kernelClient.ts';
import { MediaDocument } from './mediaDocument.ts';
import { MediaPanel } from './mediaPanel.ts';
import type { Origins } from './origins.ts';
import { originalsOf } from './resultName.ts';
import { editorHtml, webviewRoot } from './webviewHtml.ts';

export const viewTypes = { picture: 'difface.image', clip: 'difface.video' } as const;

/** The two custom editors. They differ in the files they are offered for; the page shows what the kernel says the file is. */
export function registerMediaEditors(context: ExtensionContext, kernel: KernelClient, queue: JobQueue, origins: Origins): Disposable {
  const store = new DisposableStore();
  const provider = new MediaEditor(context, kernel, queue, origins);
  for (const viewType of Object.values(viewTypes)) store.add(window.registerCustomEditorProvider(viewType, provider, { supportsMultipleEditorsPerDocument: true }));
  store.add(commands.registerCommand('difface.openWith', async (file?: Uri, files?: readonly Uri[]) => {
    for (const one of files ?? [file ?? activeFile()]) if (one) await openInDifFace(one);
  }));
  store.add(commands.registerCommand('difface.compareWithOriginal', async (file?: Uri) => {
    const result = file ?? activeFile();
    if (!result) return;
    if (!(await originalOf(result, origins))) {
      void window.showWarningMessage(`The original of ${result.path.split('/').pop() ?? ''} was not found: DifFace knows the results it wrote here, and looks for the same name without the suffix beside the others.`);
      return;
    }
    provider.compareNext(result);
    await openInDifFace(result);
  }));
  return store;
}

/** Opens a file in the editor for its kind. */
export async function openInDifFace(file: Uri): Promise<void> {
  const clip = /\.(mp4|m4v|mov|mkv|webm|avi|mpe?g|m?ts|m2ts|wmv|flv|3gp|ogv|mxf)$/i.test(file.path);
  await commands.executeCommand('vscode.openWith', file, clip ? viewTypes.clip : viewTypes.picture);
}

function activeFile(): Uri | undefined {
  const input = window.tabGroups.activeTabGroup.activeTab?.input;
  return typeof input === 'object' && input !== null && 'uri' in input && input.uri instanceof Uri ? input.uri : undefined;
}

/** The original a result was made of: the one remembered, or the one beside it by its name. */
async function originalOf(result: Uri, origins: Origins): Promise<Uri | undefined> {
  const suffix = workspace.getConfiguration('difface', result).get<string>('outputSuffix', 'restored');
  const remembered = origins.of(result.fsPath);
  for (const path of [...(remembered === undefined ? [] : [remembered]), ...originalsOf(result.fsPath, suffix)]) {
    const original = Uri.file(path);
    try {
      await workspace.fs.stat(original);
      return original;
    } catch {
      // the next candidate
    }
  }
  return undefined;
}

class MediaEditor implements CustomReadonlyEditorProvider<MediaDocument> {
  private readonly panels = new Map<string, Set<MediaPanel>>();
  private toCompare: string | undefined;

  constructor(private readonly context: ExtensionContext, private readonly kernel: KernelClient, private readonly queue: JobQueue, private readonly origins: Origins) {}

  /** The editor of this file opens, or comes to the front, with original and result side by side. */
  compareNext(file: Uri): void {
    const open = this.panels.get(file.toString());
    if (open && open.size > 0) for (const panel of open) panel.compare();
    else this.toCompare = file.toString();
  }

  async openCustomDocument(uri: Uri): Promise<MediaDocument> {
    if (uri.scheme !== 'file') throw new Error(`DifFace runs ffmpeg and neural networks on files of this machine; ${uri.scheme}: is a virtual file system. Save a copy to the disk and open that.`);
    const original = await originalOf(uri, this.origins);
    return new MediaDocument(uri, (original ?? uri).fsPath, original && uri.fsPath, original ?? uri, this.kernel, this.queue, this.context.workspaceState, this.origins);
  }

  resolveCustomEditor(document: MediaDocument, panel: WebviewPanel): void {
    panel.webview.options = { enableScripts: true, localResourceRoots: [webviewRoot(this.context.extensionUri)] };
    const media = new MediaPanel(document, panel, this.kernel);
    const key = document.uri.toString();
    const siblings = this.panels.get(key) ?? new Set();
    this.panels.set(key, siblings.add(media));
    panel.onDidDispose(() => {
      siblings.delete(media);
      media.dispose();
    });
    panel.webview.html = editorHtml(panel.webview, this.context.extensionUri);
    if (this.toCompare !== key) return;
    this.toCompare = undefined;
    media.compare();
  }
}
