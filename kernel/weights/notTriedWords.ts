import type { InstalledFiles } from './listed.ts';

/** Of files that could not be had: which were not tried, and why; one piece for each host. */
export function notTriedWords(failed: InstalledFiles['failed']): readonly string[] {
  const hosts = new Set(failed.flatMap(({ unreachable }) => unreachable ?? []));
  return [...hosts].map((host) => {
    const files = failed.filter(({ unreachable }) => unreachable === host).map(({ file }) => file);
    return `${host} could not be reached, so ${files.join(', ')} ${files.length === 1 ? 'was' : 'were'} not tried`;
  });
}
