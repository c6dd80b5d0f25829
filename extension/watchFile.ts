import { RelativePattern, Uri, workspace } from 'vscode';
import { DisposableStore, type Disposable } from './disposable.ts';

/** Tells when one file is changed, replaced or deleted. The folder is watched: a file name may hold what a pattern takes for a wildcard. */
export function watchFile(file: Uri, tell: (what: 'changed' | 'deleted') => void): Disposable {
  const store = new DisposableStore();
  const watcher = store.add(workspace.createFileSystemWatcher(new RelativePattern(Uri.joinPath(file, '..'), '*')));
  const about = (what: 'changed' | 'deleted') => (changed: Uri): void => {
    if (changed.fsPath === file.fsPath) tell(what);
  };
  store.add(watcher.onDidChange(about('changed')));
  store.add(watcher.onDidCreate(about('changed')));
  store.add(watcher.onDidDelete(about('deleted')));
  return store;
}
