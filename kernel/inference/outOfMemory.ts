import { KernelFailure } from '../failure.ts';

/** A device had too little memory for what it was given: less at once may pass. */
export class OutOfMemory extends KernelFailure {
  constructor(message: string, options?: ErrorOptions) {
    super('device', message, options);
  }
}

/** How runtime and drivers say it: CUDA and its arena, DirectML (also by number), Dawn (a buffer it did not get is missing in the table of buffers, `raw_hash_map<>::at`), the allocators of C++ and of JavaScript. */
const sayings = /out of memory|outofmemory|not enough memory|failed to allocate|allocation failed|bad[_ ]alloc|raw_hash_map<>::at|bad allocation|0?x?8007000e|8899?0014|CUDA(?:_ERROR| failure 2\b).*memory|insufficient memory/i;

export function isOutOfMemory(error: unknown): boolean {
  return error instanceof Error && sayings.test(error.message);
}
