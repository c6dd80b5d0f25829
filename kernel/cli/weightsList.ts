import type { Published } from '../weights/examine.ts';
import type { ListedFile, ListedWeights } from '../weights/listed.ts';
import { inMegabytes } from '../weights/megabytes.ts';

/** The list of all weights as a table for a terminal. */
export function describeList({ folder, bytes, convertedBytes, files, licences, sets }: ListedWeights): string {
  const rows = files.map((file) => {
    const licence = licences.find(({ id }) => id === file.licence)!;
    const lines = [
      `${stateWords(file).padEnd(10)} ${file.id.padEnd(21)} ${sizeWords(file).padStart(10)}  ${file.title}: ${file.purpose}`,
      `           ${file.file}, ${licence.title}${licence.restricted ? (licence.accepted ? ' (accepted)' : ' (to be accepted first)') : ''}, ${file.address}`,
      `           ${sumWords(file)}`,
    ];
    return lines.join('\n');
  });
  const setLines = Object.entries(sets).map(([name, ids]) => `  ${name}: ${ids.join(', ')}`);
  const licenceLines = licences.map(({ title, terms, address }) => `  ${title}: ${terms}\n    ${address}`);
  return `${rows.join('\n')}\n\nSets\n${setLines.join('\n')}\n\nLicences\n${licenceLines.join('\n')}\n\n${folder}: ${inMegabytes(bytes)}, and ${inMegabytes(convertedBytes)} of converted networks in the cache\n`;
}

/** How a file compares with the published one. */
export function publishedWords(published: Published, sha256: string): string {
  switch (published) {
    case 'same': return `SHA-256 ${sha256}, as published`;
    case 'other': return `SHA-256 ${sha256}, NOT the published file: its network has the right shape, its numbers are others`;
    case 'unknown': return `SHA-256 ${sha256}, recorded at install (none is published)`;
    default: return published satisfies never;
  }
}

function stateWords({ state }: ListedFile): string {
  switch (state) {
    case 'missing': return '-';
    case 'begun': return 'begun';
    case 'installed': return 'installed';
    case 'unchecked': return 'unchecked';
    default: return state satisfies never;
  }
}

function sizeWords({ state, bytes, size }: ListedFile): string {
  return state === 'installed' || state === 'unchecked' ? inMegabytes(bytes) : `${size.exact ? '' : '~'}${inMegabytes(size.bytes)}`;
}

function sumWords({ installed, publishedSha256, state, bytes, convertedBytes }: ListedFile): string {
  const converted = convertedBytes > 0 ? `; converted: ${inMegabytes(convertedBytes)}` : '';
  if (installed) return publishedWords(installed.published, installed.sha256) + converted;
  const begun = state === 'begun' ? `${inMegabytes(bytes)} downloaded so far; ` : '';
  return begun + (publishedSha256 === undefined ? 'no published SHA-256 is known: it is recorded at install' : `published SHA-256 ${publishedSha256}`);
}
