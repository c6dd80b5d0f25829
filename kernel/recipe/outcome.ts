import type { ActionKind } from './actions.ts';
import type { RestoreRequest } from './restoreOptions.ts';

/** Bytes that travel inside of JSON: notebooks keep what they show in their own file, so it is small. */
export interface Embedded {
  readonly mime: 'image/png' | 'image/jpeg' | 'image/webp' | 'video/webm';
  /** Base64. */
  readonly data: string;
  /** Pixels as they are shown; the file that is linked may have more. */
  readonly width: number;
  readonly height: number;
}

/** A file beside the document, with its path relative to it: what is large stays there. */
export interface LinkedFile {
  readonly title: string;
  readonly path: string;
}

/** One thing that an action shows. `text` says the same in words, for whoever sees nothing else. */
export type Shown =
  /** A picture, or a frame; `before` lies under a line that can be moved. */
  | { readonly kind: 'picture'; readonly title: string; readonly after: Embedded; readonly before?: Embedded; readonly text: string }
  /** A short clip that any browser plays, small; `before` plays in step with it. */
  | { readonly kind: 'clip'; readonly title: string; readonly after: Embedded; readonly before?: Embedded; readonly poster: Embedded; readonly seconds: number; readonly text: string }
  /** The states of a walk from the start to the result: x_t above, predX0 below. */
  | { readonly kind: 'strip'; readonly title: string; readonly steps: readonly { readonly t: number; readonly xT: Embedded; readonly predX0: Embedded }[]; readonly text: string }
  /** Results side by side; labels such as "seed 1". */
  | { readonly kind: 'grid'; readonly title: string; readonly rows: readonly string[]; readonly columns: readonly string[]; readonly cells: readonly (readonly Embedded[])[]; readonly text: string }
  | { readonly kind: 'table'; readonly title: string; readonly columns: readonly { readonly title: string; readonly unit?: string }[]; readonly rows: readonly (readonly (string | number | null)[])[]; readonly text: string }
  /** Lines over a common axis; null where a line has a gap. */
  | { readonly kind: 'plot'; readonly title: string; readonly x: { readonly title: string; readonly values: readonly number[] }; readonly y: { readonly title: string; readonly unit?: string }; readonly lines: readonly { readonly title: string; readonly values: readonly (number | null)[] }[]; readonly text: string };

/** A result that has a name: later actions use it as `$name`. Paths are absolute. */
export interface NamedResult {
  readonly name: string;
  /** What was made; for a trajectory or a comparison without files, what it was made of. */
  readonly path: string;
  /** The original and how it was restored, where it was. */
  readonly restored?: { readonly from: string; readonly options: RestoreRequest };
}

/** What an action came to. Everything that is shown is in it; files are linked. */
export interface ActionOutcome {
  readonly kind: ActionKind;
  readonly shown: readonly Shown[];
  readonly links: readonly LinkedFile[];
  /** What a person should know beside the result. */
  readonly notes: readonly string[];
  /** Of several files, so many could not be restored; the notes say why. */
  readonly failed?: number;
  readonly named?: NamedResult;
  /** The first thing that is shown as one picture (PNG), for pages that know nothing of us. */
  readonly picture?: Embedded;
}
