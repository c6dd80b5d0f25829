import type { Stats } from 'node:fs';

/** Size, time of change and number of a file: while these stay, so does what was found out about its content. */
export function stampOf({ size, mtimeMs, ino }: Stats): string {
  return `${size} ${mtimeMs} ${ino}`;
}
