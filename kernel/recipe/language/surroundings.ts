import type { RestorationModel } from '../../weights/model.ts';
import type { Action, ActionKind } from '../actions.ts';
import type { NamedResult } from '../outcome.ts';
import type { precisions } from '../restoreOptions.ts';

type Precision = (typeof precisions)[number];

export interface KnownModel extends Pick<RestorationModel, 'defaults' | 'diffusion'> {
  readonly name: string;
  readonly title: string;
  readonly installed: boolean;
  /** What it is not made for. */
  readonly notice?: string;
}

/** A network that one chooses by a word, and whether it is there. */
export interface KnownNetwork {
  /** The word, such as `yolov5n` or `parsing`. */
  readonly name: string;
  readonly title: string;
  readonly installed: boolean;
  /** What is installed for it; undefined where nothing has to be. */
  readonly weights?: string;
}

export interface KnownDevice {
  readonly name: string;
  /** undefined: nobody tried it yet. */
  readonly usable: boolean | undefined;
  /** Why, for a person. */
  readonly reason: string;
  /** This machine has none: no trial would change that. */
  readonly missing?: boolean;
}

export interface FoundEntry {
  readonly name: string;
  readonly kind: 'folder' | 'picture' | 'clip' | 'other';
  readonly bytes?: number;
  /** Of a folder: nothing can be written into it. */
  readonly readOnly?: boolean;
  /** In a listing: it is a link to something else, which restorations of the folder leave out. */
  readonly link?: true;
}

/** What the header of a file says. */
export interface MediaHeader {
  readonly kind: 'picture' | 'clip';
  /** Of a picture its format, of a clip its video codec. */
  readonly format: string;
  /** Pixels, upright. */
  readonly width: number;
  readonly height: number;
}

/** A result that an earlier document named. */
export interface EarlierName {
  readonly name: string;
  /** What is going to make it, where nothing is wrong with that. */
  readonly action?: Action;
  /** What was made. */
  readonly result?: NamedResult;
}

/** One whose document is open: what makes it, in words. */
export interface KnownName extends EarlierName {
  readonly kind: ActionKind;
  /** What the action is about: `portrait.png`. */
  readonly about: string;
}

/** What lies around a document. Nothing is computed to find it out, and nothing fails: what cannot be told is not there. */
export interface Surroundings {
  /** Absolute: what paths are relative to; undefined for a document that is nowhere yet. */
  readonly folder: string | undefined;
  readonly names: readonly EarlierName[];
  models(): Promise<readonly KnownModel[]>;
  /** The model that a folder holds, or why it holds none. @param folder absolute */
  modelIn(folder: string): Promise<KnownModel | string>;
  /** What finds faces, by the words of `detector`. */
  detectors(): Promise<readonly KnownNetwork[]>;
  /** What `mask` and `background` choose that has to be installed. */
  helpers(): Promise<readonly KnownNetwork[]>;
  devices(): Promise<readonly KnownDevice[]>;
  /** @param folder absolute */
  files(folder: string): Promise<readonly FoundEntry[]>;
  /** @param path absolute */
  entry(path: string): Promise<FoundEntry | undefined>;
  /** Counts the frames of a clip. Absent where nothing may be started. @returns undefined where that cannot be told */
  frames?(path: string): Promise<number | undefined>;
  /** Reads the header of a picture or a clip, once for each version of the file. @param path absolute @returns why it cannot be read; undefined where that cannot be told */
  media(path: string): Promise<MediaHeader | string | undefined>;
  /** Tries a device. Absent where nothing may be started. @returns why it cannot be used; undefined where it can */
  trial?(device: string, precision: Precision): Promise<string | undefined>;
}

/** Around a document that is edited. */
export interface EditedSurroundings extends Surroundings {
  readonly names: readonly KnownName[];
}
