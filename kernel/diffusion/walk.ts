/** From one state on, a walk goes another way: with another seed, eta or sampler. */
export interface Turn {
  /** Order of the state from which it goes on, counted from 0 at the start of the walk. */
  readonly at: number;
  readonly sampler: 'ddim' | 'ddpm' | 'dpm++';
  /** Network calls from that state to 0. */
  readonly steps: number;
  /** Of DDIM, 0 .. 1; 0 for the others. */
  readonly eta: number;
  readonly seed: number;
}
