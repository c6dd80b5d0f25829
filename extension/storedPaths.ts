import { isAbsolute, relative, resolve, sep } from 'node:path';
import type { NamedResult, RestoreRequest } from '../kernel/protocol.ts';

/** What is written into a notebook goes to other machines: paths in it begin at the notebook's folder, with `/`, as `./name` or `../name`. */

/** @returns undefined for a path that no way leads to from the folder: another drive */
export function storedPath(folder: string, path: string): string | undefined {
  const way = relative(folder, path);
  if (isAbsolute(way)) return undefined;
  const parts = way.split(sep).join('/');
  return parts.startsWith('../') || parts === '..' ? parts : `./${parts}`;
}

/** @returns undefined for what was not stored by us: a path that begins elsewhere than at the notebook, such as another computer's */
export function pathFromStored(folder: string, stored: string): string | undefined {
  return isAbsolute(stored) || /^[\\/~]|^[a-z]+:|\\/i.test(stored) ? undefined : resolve(folder, stored);
}

/** Options that may hold a path. */
const pathOptions = ['output', 'model'] as const;

export function storedName(folder: string, { name, path, restored }: NamedResult): NamedResult | undefined {
  const [of, from] = [storedPath(folder, path), restored && storedPath(folder, restored.from)];
  if (of === undefined || (restored && from === undefined)) return undefined;
  return { name, path: of, ...(restored && from !== undefined ? { restored: { from, options: withPaths(restored.options, (value) => (isAbsolute(value) ? storedPath(folder, value) : value)) } } : {}) };
}

export function nameFromStored(folder: string, { name, path, restored }: NamedResult): NamedResult | undefined {
  const [of, from] = [pathFromStored(folder, path), restored && pathFromStored(folder, restored.from)];
  if (of === undefined || (restored && from === undefined)) return undefined;
  return { name, path: of, ...(restored && from !== undefined ? { restored: { from, options: withPaths(restored.options, (value) => (/^\.\.?\//.test(value) ? pathFromStored(folder, value) : value)) } } : {}) };
}

function withPaths(options: RestoreRequest, change: (value: string) => string | undefined): RestoreRequest {
  const changed: Record<string, unknown> = { ...options };
  for (const name of pathOptions) {
    const value = options[name];
    if (value === undefined) continue;
    const other = change(value);
    if (other === undefined) Reflect.deleteProperty(changed, name);
    else changed[name] = other;
  }
  return changed;
}

/** A text for people without folders of this machine: what lies in the notebook's is named from there on, and a person's own folder is `~`. */
export function withoutMachine(text: string, folder: string, home: string): string {
  const inFolder = folder.endsWith(sep) ? folder : folder + sep;
  const local = text.replaceAll(inFolder, '');
  return home.length > 1 ? local.replaceAll(home.endsWith(sep) ? home.slice(0, -1) : home, '~') : local;
}
