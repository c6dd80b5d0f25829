import { commands, Uri, workspace, type ExtensionContext } from 'vscode';
import { DisposableStore, type Disposable } from './disposable.ts';
import { openInDifFace } from './mediaEditor.ts';

/** The walkthrough's files: copies, so that results do not land in the extension's own folder. */
export function registerSampleFiles(context: ExtensionContext): Disposable {
  const store = new DisposableStore();
  const open = (name: string) => async (): Promise<void> => {
    await openInDifFace(await copyOfSample(context, name));
  };
  store.add(commands.registerCommand('difface.openSamplePortrait', open('portrait.png')));
  store.add(commands.registerCommand('difface.openSampleClip', open('clip.mp4')));
  return store;
}

/** @param folder of the extension's own storage */
export async function copyOfSample({ globalStorageUri, extensionUri }: ExtensionContext, name: string, folder = 'samples'): Promise<Uri> {
  const copy = Uri.joinPath(globalStorageUri, folder, name);
  const sample = Uri.joinPath(extensionUri, 'samples', name);
  await workspace.fs.createDirectory(Uri.joinPath(globalStorageUri, folder));
  // what was restored and chosen belongs to the file as it is: a copy that is the same stays
  if (!(await sameContent(sample, copy))) await workspace.fs.copy(sample, copy, { overwrite: true });
  return copy;
}

async function sameContent(a: Uri, b: Uri): Promise<boolean> {
  try {
    const [first, second] = await Promise.all([workspace.fs.readFile(a), workspace.fs.readFile(b)]);
    return Buffer.compare(first, second) === 0;
  } catch {
    return false;                                                       // there is no copy yet
  }
}
