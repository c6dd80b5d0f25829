import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/** Full path of a program, or undefined. */
export function findOnPath(program: string): string | undefined {
  return (process.env['PATH'] ?? '').split(delimiter).filter((folder) => folder !== '').map((folder) => join(folder, program)).find((path) => existsSync(path));
}
