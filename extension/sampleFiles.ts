import { commands, Uri, workspace, type ExtensionContext } from 'vscode';
import { DisposableStore, type Disposable } from './disposable.ts';
import { openInDifFace } from './mediaEditor.ts';

/** The walkthrough's files: copies, so that results do not land in the extension's own folder. */
export function registerSampleFiles(context: ExtensionContext): Disposable {
  const store = new DisposableStore();
  const open = (name: string) => async (): Promise<void> => {
    const folder = Uri.joinPath(context.globalStorageUri, 'samples');
    const copy = Uri.joinPath(folder, name);
    await workspace.fs.createDirectory(folder);
    await workspace.fs.copy(Uri.joinPath(context.extensionUri, 'samples', name), copy, { overwrite: true });
    await openInDifFace(copy);
  };
  store.add(commands.registerCommand('difface.openSamplePortrait', open('portrait.png')));
  store.add(commands.registerCommand('difface.openSampleClip', open('clip.mp4')));
  return store;
}
