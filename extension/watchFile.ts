import { stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { RelativePattern, Uri, workspace } from 'vscode';
import { DisposableStore, type Disposable } from './disposable.ts';
import { SettledFile, type FileStamp } from './settledFile.ts';

/** Size and time of a file; undefined where there is none. */
export async function stampOf(path: string): Promise<FileStamp | undefined> {
  try {
    const { size, mtimeMs } = await stat(path);
    return { size, mtime: mtimeMs };
  } catch {
    return undefined;
  }
}

export interface FileWatch extends Disposable {
  /** Looks whether it is still as it was: not every change is told. */
  look(): void;
}

/** Tells when one file is changed, replaced or deleted, itself or with the folder it lies in. Folders are watched: a file name may hold what a pattern takes for a wildcard. */
export function watchFile(file: Uri, stamp: FileStamp | undefined, tell: (what: 'changed' | 'deleted', stamp: FileStamp | undefined) => void): FileWatch {
  const store = new DisposableStore();
  const settled = store.add(new SettledFile(stamp, () => stampOf(file.fsPath), tell));
  for (const path of [file.fsPath, ...foldersOf(file)]) {
    const watcher = store.add(workspace.createFileSystemWatcher(new RelativePattern(Uri.file(dirname(path)), '*')));
    const heard = (changed: Uri): void => {
      if (changed.fsPath === path) settled.look();
    };
    store.add(watcher.onDidChange(heard));
    store.add(watcher.onDidCreate(heard));
    store.add(watcher.onDidDelete(heard));
  }
  // what is moved in the explorer takes along what lies in it
  store.add(workspace.onDidRenameFiles(() => { settled.look(); }));
  store.add(workspace.onDidDeleteFiles(() => { settled.look(); }));
  return { look: () => { settled.look(); }, dispose: () => { store.dispose(); } };
}

/** The folders around a file inside the folder of the workspace; the nearest alone where it lies in none. */
function foldersOf(file: Uri): readonly string[] {
  const nearest = dirname(file.fsPath);
  const root = workspace.getWorkspaceFolder(file)?.uri.fsPath;
  if (root === undefined) return [nearest];
  const folders: string[] = [];
  for (let folder = nearest; folder.length > root.length; folder = dirname(folder)) folders.push(folder);
  return folders;
}
