import type { Published } from './examine.ts';
import type { Licence, LicenceId } from './licences.ts';
import type { NetworkKind } from './officialFiles.ts';

/** An official file as somebody who manages weights sees it. */
export interface ListedFile {
  readonly id: string;
  readonly file: string;
  readonly title: string;
  readonly purpose: string;
  readonly address: string;
  readonly network: NetworkKind;
  readonly licence: LicenceId;
  readonly size: { readonly bytes: number; readonly exact: boolean };
  /** undefined where nobody published one: it is recorded at install. */
  readonly publishedSha256?: string;
  /** `unchecked`: put there or touched by somebody; it is read before it is used. */
  readonly state: 'missing' | 'begun' | 'installed' | 'unchecked';
  readonly bytes: number;
  /** What the converted networks take beside it. */
  readonly convertedBytes: number;
  readonly installed?: { readonly sha256: string; readonly published: Published; readonly source: string; readonly at: string };
}

export interface ListedLicence extends Licence {
  readonly key: string;
  readonly accepted: boolean;
}

export interface ListedWeights {
  readonly folder: string;
  /** What lies in the folder of these files, downloads that were begun and what is being written included. */
  readonly bytes: number;
  /** Of all converted networks in the cache, of models that somebody added too. */
  readonly convertedBytes: number;
  readonly files: readonly ListedFile[];
  /** Names for several files at once. */
  readonly sets: Readonly<Record<string, readonly string[]>>;
  readonly licences: readonly ListedLicence[];
}

export type VerifiedFile =
  /** `reconverted`: how many networks converted from it were damaged and are converted again when they are next used. */
  | { readonly status: 'intact'; readonly id: string; readonly file: string; readonly sha256: string; readonly published: Published; readonly reconverted: number }
  /** `inTheWay`: a folder has its name, and it can be installed only when that is moved away. */
  | { readonly status: 'missing'; readonly id: string; readonly file: string; readonly why: string; readonly inTheWay: boolean }
  | { readonly status: 'damaged'; readonly id: string; readonly file: string; readonly why: string };

/** What came of installing several files. */
export interface InstalledFiles {
  readonly installed: readonly ListedFile[];
  readonly failed: readonly {
    readonly id: string;
    readonly file: string;
    readonly why: string;
    /** Host that could not be reached for a file before this one, which was not tried therefore. */
    readonly unreachable?: string;
  }[];
}

/** What came of removing several files. */
export interface RemovedFiles {
  readonly removed: readonly { readonly id: string; readonly file: string; /** That were given back. */ readonly bytes: number }[];
  readonly failed: readonly { readonly id: string; readonly file: string; readonly why: string }[];
}
