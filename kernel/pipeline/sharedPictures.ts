import { readPicture, type Picture } from '../media/image.ts';
import { fileIdentity, nameOf } from './fileIdentity.ts';

interface Entry {
  readonly picture: Promise<Picture>;
  users: number;
}

/** A decoded picture, until it is let go. */
export interface TakenPicture {
  readonly picture: Picture;
  readonly letGo: () => void;
}

/** Pictures that several views of one file show: decoded once, held until the last view is closed. A large photo takes hundreds of megabytes. */
export class SharedPictures {
  private readonly entries = new Map<string, Entry>();

  /** @throws KernelFailure('input') when it cannot be read */
  async take(path: string): Promise<TakenPicture> {
    const key = nameOf(await fileIdentity(path));
    const entry = this.entries.get(key) ?? { picture: readPicture(path), users: 0 };
    this.entries.set(key, entry);
    entry.users++;
    let taken = true;
    const letGo = (): void => {
      if (taken && --entry.users === 0) this.entries.delete(key);
      taken = false;
    };
    try {
      return { picture: await entry.picture, letGo };
    } catch (error) {
      letGo();
      throw error;
    }
  }
}
