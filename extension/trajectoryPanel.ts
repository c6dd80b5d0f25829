import { commands, Uri, ViewColumn, window, type ExtensionContext, type WebviewPanel } from 'vscode';
import type { WalkedFace } from '../kernel/protocol.ts';
import { DisposableStore, type Disposable } from './disposable.ts';
import type { KernelClient } from './kernelClient.ts';
import { MediaPanel } from './mediaPanel.ts';
import type { OpenDocuments } from './openDocuments.ts';
import { editorHtml, webviewRoot } from './webviewHtml.ts';

const viewType = 'difface.trajectory';

/** What the page of a panel keeps, as far as it concerns the extension: enough to open it again after a reload of the window. */
interface KeptPanel {
  readonly shows?: { readonly uri: string; readonly of: WalkedFace };
}

/** The walk of a face as a panel of its own, beside the editor. */
export function registerTrajectoryPanels({ extensionUri }: ExtensionContext, kernel: KernelClient, documents: OpenDocuments): Disposable {
  const store = new DisposableStore();

  async function fill(panel: WebviewPanel, uri: Uri, of: WalkedFace): Promise<void> {
    const closed = new AbortController();
    panel.onDidDispose(() => { closed.abort(); });
    const document = await documents.open(uri);
    if (closed.signal.aborted) {
      document.dispose();
      return;
    }
    panel.title = `Trajectory: ${document.name}, face ${of.face}`;
    panel.webview.options = { enableScripts: true, localResourceRoots: [webviewRoot(extensionUri)] };
    panel.iconPath = Uri.joinPath(extensionUri, 'media', 'icon.png');
    const media = new MediaPanel(document, panel, kernel, { kind: 'trajectory', of, uri: uri.toString() });
    panel.onDidDispose(() => {
      media.dispose();
      document.dispose();
    });
    panel.webview.html = editorHtml(panel.webview, extensionUri);
  }

  store.add(commands.registerCommand('difface.openTrajectory', async (uri?: Uri, of: WalkedFace = { face: 1, frame: 0 }) => {
    if (uri) await fill(window.createWebviewPanel(viewType, 'Trajectory', ViewColumn.Beside), uri, of);
  }));
  store.add(window.registerWebviewPanelSerializer(viewType, {
    async deserializeWebviewPanel(panel, state?: KeptPanel) {
      if (state?.shows) await fill(panel, Uri.parse(state.shows.uri), state.shows.of);
      else panel.dispose();
    },
  }));
  return store;
}
