import { machine } from '../pipeline/recipeChecks/machine.ts';
import type { EditedSurroundings } from '../recipe/language/surroundings.ts';
import { Remembered } from './remembered.ts';

/** What is on this machine: files, weights, devices. Each is looked at at most once a second. */
export class Disk {
  private readonly entries = new Remembered(machine.entry, 1000);
  private readonly folders = new Remembered(machine.files, 1000);
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
    };
  }

  /** Something changed: look again. */
  forget(): void {
    for (const remembered of [this.entries, this.folders, this.weights, this.folderModels, this.tried]) remembered.forget();
  }
}
