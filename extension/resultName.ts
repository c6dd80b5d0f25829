import { basename, dirname, extname, join } from 'node:path';

/** The original that `name.<suffix>.ext` or `name.<suffix>-2.ext` was made of: candidates, the likeliest first; none when the name is not a result's. */
export function originalsOf(path: string, suffix: string): readonly string[] {
  const extension = extname(path);
  const stem = basename(path, extension);
  const marked = new RegExp(`^(.+)\\.${suffix.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}(?:-\\d+)?$`).exec(stem);
  if (!marked) return [];
  const name = marked[1]!;
  // a result is PNG where the original's format cannot be written
  return [extension, ...(extension === '.png' ? ['.bmp', '.gif', '.avif', '.heic'] : [])].map((one) => join(dirname(path), name + one));
}
