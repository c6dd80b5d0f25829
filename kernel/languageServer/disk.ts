import { machine } from '../pipeline/recipeChecks/machine.ts';
import type { EditedSurroundings } from '../recipe/language/surroundings.ts';
import { Remembered } from './remembered.ts';

/** Milliseconds that a check waits for the header of a file, which may lie on a slow disk; it is known when it is checked again. */
const longestLook = 1000;

/** What is on this machine: files, weights, devices. Each is looked at at most once a second. */
export class Disk {
  private readonly entries = new Remembered(machine.entry, 1000);
  private readonly folders = new Remembered(machine.files, 1000);
  private readonly headers = new Remembered((path: string) => within(longestLook, machine.media(path)), 1000);
  private readonly weights = new Remembered(machine.models, 1000);
  private readonly folderModels = new Remembered(machine.modelIn, 1000);
  private readonly tried = new Remembered(machine.devices, 5000);

  around(folder: string | undefined, names: EditedSurroundings['names']): EditedSurroundings {
    return {
      ...machine, folder, names,
      models: () => this.weights.of(''),
      modelIn: (path) => this.folderModels.of(path),
      devices: () => this.tried.of(''),
      files: (path) => this.folders.of(path),
      entry: (path) => this.entries.of(path),
      media: (path) => this.headers.of(path),
    };
  }

  /** Something changed: look again. */
  forget(): void {
    for (const remembered of [this.entries, this.folders, this.headers, this.weights, this.folderModels, this.tried]) remembered.forget();
  }
}

async function within<T>(milliseconds: number, answer: Promise<T>): Promise<T | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => { resolve(undefined); }, milliseconds);
  });
  try {
    return await Promise.race([answer, late]);
  } finally {
    clearTimeout(timer);
  }
}
