import { basename, dirname, extname, join } from 'node:path';
import type { Branch, Turn } from '../kernel/protocol.ts';

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

/** What the name of an exported walk says of its branch, made safe for every file system: ".seed-7-from-t-204"; nothing for the walk without turns. */
export function branchPart(turns: readonly Turn[], branches: readonly Branch[]): string {
  if (turns.length === 0) return '';
  const key = JSON.stringify(turns.map(turnValues));
  const name = branches.find((branch) => JSON.stringify(branch.turns.map(turnValues)) === key)?.name ?? '';
  const safe = Array.from(name.replaceAll(/[^\p{L}\p{N}._-]+/gu, '-')).slice(0, 60).join('').replaceAll(/^[.-]+|[.-]+$/g, '');
  return `.${safe === '' ? 'branch' : safe}`;
}

function turnValues({ at, sampler, steps, eta, seed }: Turn): readonly unknown[] {
  return [at, sampler, steps, eta, seed];
}
