import { KernelFailure, OptionFailure } from '../failure.ts';
import type { FaceChoice } from '../recipe/restoreOptions.ts';

/** Pictures of crowds have some hundreds; of more than this a person is told before hours go into them. */
const unusual = 500;
/** More than this are not restored unless they are asked for by number. */
const most = 2000;

const reason = 'a detector that is damaged or not trained finds that many: --detector names another';

/** What to say of very many faces in a picture. @param found how many there are */
export function manyWarning(found: number): string | undefined {
  return found > unusual ? `${found} faces were found; ${reason}, --faces chooses some by number` : undefined;
}

/** @param faces how many would be restored. @throws OptionFailure('usage') when these are more than a picture has, and nobody named them */
export function refuseMany(path: string, faces: number, choice: FaceChoice): void {
  if (faces > most && typeof choice !== 'object') throw new OptionFailure('usage', 'faces', `${path} would have ${faces} faces, and more than ${most} are restored only where they are asked for; ${reason}, --faces chooses some by number`);
}

/** @param faces how many were found in a frame. @throws KernelFailure('input') when these are more than any has */
export function refuseManyInFrame(path: string, faces: number): void {
  if (faces > most) throw new KernelFailure('input', `${path} would have ${faces} faces in one frame; ${reason}`);
}
