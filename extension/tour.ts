import { createHash } from 'node:crypto';
import { commands, Uri, workspace, type ExtensionContext } from 'vscode';
import type { Disposable } from './disposable.ts';
import { notebookType } from './notebookShape.ts';
import { copyOfSample } from './sampleFiles.ts';

const folder = 'tour';
const files = ['portrait.png', 'clip.mp4', 'clip.truth.mp4'];
/** Where the SHA-256 of the tour is kept that was copied last. */
const copied = 'difface.tour';

/** The tour: a notebook that shows what recipes do, with its files beside it; a copy, since cells write beside what they restore. */
export function registerTour(context: ExtensionContext): Disposable {
  return commands.registerCommand('difface.openTour', async () => {
    for (const name of files) await copyOfSample(context, name, folder);
    const [shipped, copy] = [Uri.joinPath(context.extensionUri, 'samples', 'tour.ipynb'), Uri.joinPath(context.globalStorageUri, folder, 'tour.ipynb')];
    const sum = createHash('sha256').update(await workspace.fs.readFile(shipped)).digest('hex');
    // what a person did in the copy stays, until an update of the extension brings another tour
    if (context.globalState.get(copied) !== sum || !(await exists(copy))) await workspace.fs.copy(shipped, copy, { overwrite: true });
    await context.globalState.update(copied, sum);
    await commands.executeCommand('vscode.openWith', copy, notebookType);
  });
}

function exists(file: Uri): Promise<boolean> {
  return Promise.resolve(workspace.fs.stat(file)).then(() => true, () => false);
}
