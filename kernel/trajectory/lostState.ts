import { KernelFailure } from '../failure.ts';

/** Something of a walk is not there, or is damaged: walking again makes it. */
export class LostState extends KernelFailure {
  constructor() {
    super('input', 'a state of the walk is no longer kept, or its file was damaged; walk again');
  }
}

/** @throws LostState */
export function lost(): never {
  throw new LostState();
}
