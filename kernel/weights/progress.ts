/** What installing, importing and verifying tell while they run; sizes in bytes. */
export type WeightsProgress =
  /** Another process is at the same file. */
  | { readonly stage: 'waiting'; readonly file: string }
  | { readonly stage: 'downloading'; readonly file: string; readonly done: number; readonly total: number; readonly secondsLeft?: number }
  /** The connection was lost; the next attempt begins after so many seconds. */
  | { readonly stage: 'retrying'; readonly file: string; readonly why: string; readonly seconds: number }
  | { readonly stage: 'copying'; readonly file: string; readonly done: number; readonly total: number }
  | { readonly stage: 'checking'; readonly file: string; readonly done: number; readonly total: number }
  /** @property done 0 .. 1 */
  | { readonly stage: 'converting'; readonly file: string; readonly done: number };

export type OnWeightsProgress = (progress: WeightsProgress) => void;
