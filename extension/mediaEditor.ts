import { commands, Uri, window, type CustomReadonlyEditorProvider, type ExtensionContext, type WebviewPanel } from 'vscode';
import { DisposableStore, type Disposable } from './disposable.ts';
import type { KernelClient } from './kernelClient.ts';
import type { MediaDocument } from './mediaDocument.ts';
import { isClip } from './mediaKinds.ts';
import { MediaPanel } from './mediaPanel.ts';
import type { OpenDocuments } from './openDocuments.ts';
import { originalOf, type Origins } from './origins.ts';
import { editorHtml, webviewRoot } from './webviewHtml.ts';

export const viewTypes = { picture: 'difface.image', clip: 'difface.video' } as const;

/** The two custom editors. They differ in the files they are offered for; the page shows what the kernel says the file is. */
export function registerMediaEditors({ extensionUri }: ExtensionContext, kernel: KernelClient, documents: OpenDocuments, origins: Origins): Disposable {
  const store = new DisposableStore();
  const provider = new MediaEditor(extensionUri, kernel, documents);
  for (const viewType of Object.values(viewTypes)) store.add(window.registerCustomEditorProvider(viewType, provider, { supportsMultipleEditorsPerDocument: true }));
  store.add(commands.registerCommand('difface.openWith', async (file?: Uri) => {
    const opened = file ?? activeFile();
    if (opened) await openInDifFace(opened);
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
  await commands.executeCommand('vscode.openWith', file, isClip(file.path) ? viewTypes.clip : viewTypes.picture);
}

/** The file of the editor that has the focus. */
export function activeFile(): Uri | undefined {
  const input = window.tabGroups.activeTabGroup.activeTab?.input;
  return typeof input === 'object' && input !== null && 'uri' in input && input.uri instanceof Uri ? input.uri : undefined;
}

class MediaEditor implements CustomReadonlyEditorProvider<MediaDocument> {
  private readonly panels = new Map<string, Set<MediaPanel>>();
  private toCompare: string | undefined;

  constructor(private readonly extensionUri: Uri, private readonly kernel: KernelClient, private readonly documents: OpenDocuments) {}

  /** The editor of this file opens, or comes to the front, with original and result side by side. */
  compareNext(file: Uri): void {
    const open = this.panels.get(file.toString());
    if (open && open.size > 0) for (const panel of open) panel.compare();
    else this.toCompare = file.toString();
  }

  openCustomDocument(uri: Uri): Promise<MediaDocument> {
    return this.documents.open(uri);
  }

  resolveCustomEditor(document: MediaDocument, panel: WebviewPanel): void {
    panel.webview.options = { enableScripts: true, localResourceRoots: [webviewRoot(this.extensionUri)] };
    const media = new MediaPanel(document, panel, this.kernel, { kind: 'editor' });
    const key = document.uri.toString();
    const siblings = this.panels.get(key) ?? new Set();
    this.panels.set(key, siblings.add(media));
    panel.onDidDispose(() => {
      siblings.delete(media);
      media.dispose();
    });
    panel.webview.html = editorHtml(panel.webview, this.extensionUri);
    if (this.toCompare !== key) return;
    this.toCompare = undefined;
    media.compare();
  }
}
