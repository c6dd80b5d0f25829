import { stat } from 'node:fs/promises';
import { basename, dirname, extname, join } from 'node:path';
import type { MediaInfo } from '../kernel/protocol.ts';

/** Where a person wants a result. */
export interface ExportPlace {
  readonly path: string;
  /** There is a file of this name, and the person said it may go. */
  readonly replace: boolean;
}

/** Formats that pictures are written in, and what their files are called; all others become PNG. */
const pictures: Readonly<Record<string, readonly string[]>> = { jpeg: ['jpg', 'jpeg'], png: ['png'], webp: ['webp'], tiff: ['tif', 'tiff'] };

/** Containers that take nearly every codec. */
const containers = ['mp4', 'mkv', 'mov'];

/** Extensions a result of this file can have, the likeliest first. */
export function exportExtensions(media: Pick<MediaInfo, 'kind'> & { readonly format?: string }, source: string): readonly string[] {
  const own = extname(source).slice(1);
  const known = media.kind === 'clip' ? containers : (pictures[media.format ?? ''] ?? []);
  const first = own === '' || (media.kind === 'picture' && known.length === 0) ? [] : [own.toLowerCase()];
  return [...new Set([...first, ...(known.length === 0 ? ['png'] : known)])];
}

/** The name with an extension that can be written: its own, or the likeliest in place of another, or added where there is none. */
export function withExtension(path: string, extensions: readonly string[]): string {
  const own = extname(path);
  if (extensions.includes(own.slice(1).toLowerCase())) return path;
  const stem = /^\.[a-z0-9]{1,5}$/i.test(own) ? basename(path, own) : basename(path);
  return join(dirname(path), `${stem}.${extensions[0] ?? 'png'}`);
}

/** Whether two paths lead to one file, by whatever links or spelling. */
export async function isSameFile(a: string, b: string): Promise<boolean> {
  const [first, second] = await Promise.all([a, b].map((path) => stat(path, { bigint: true }).catch(() => undefined)));
  return first !== undefined && second !== undefined && first.dev === second.dev && first.ino === second.ino;
}
