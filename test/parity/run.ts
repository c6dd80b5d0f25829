import { readdir } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import type { Comparison, FixtureKind } from './fixture.ts';
import { kinds } from './kinds.ts';

/**
 * Compares the product with numbers recorded from the reference: `npm run parity -- <folder>...`
 * A folder is a fixture, or holds fixtures as subfolders. One line for each comparison; exit code 1 when one fails or a folder holds nothing.
 */
async function main(folders: readonly string[]): Promise<number> {
  const fixtures: string[] = [];
  for (const folder of folders) {
    const found = await fixturesIn(resolve(folder));
    if (found.length === 0) {
      console.error(`${folder}: no fixture here`);
      return 1;
    }
    fixtures.push(...found);
  }
  const counts = { pass: 0, FAIL: 0, 'differs on purpose': 0, unsupported: 0 };
  for (const folder of fixtures) {
    const kind = kinds.find((candidate) => candidate.recognise(files.get(folder)!));
    if (!kind) {
      console.log(`${basename(folder).padEnd(52)}unsupported`);
      counts.unsupported++;
      continue;
    }
    for await (const comparison of compared(kind, folder)) {
      console.log(line(basename(folder), comparison));
      counts[comparison.verdict]++;
    }
  }
  console.log(`\n${counts.pass} pass, ${counts.FAIL} FAIL, ${counts['differs on purpose']} differ on purpose, ${counts.unsupported} unsupported`);
  return counts.FAIL > 0 ? 1 : 0;
}

const files = new Map<string, readonly string[]>();

async function fixturesIn(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { withFileTypes: true });
  const names = entries.filter((entry) => entry.isFile()).map(({ name }) => name).sort();
  files.set(folder, names);
  if (kinds.some((kind) => kind.recognise(names))) return [folder];
  const inside: string[] = [];
  for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) if (entry.isDirectory()) inside.push(...await fixturesIn(join(folder, entry.name)));
  if (inside.length > 0) return inside;
  return names.some((name) => /\.(npy|png|pth|json)$/.test(name)) ? [folder] : [];
}

/** An error of the product is a failed comparison, not the end of the run. */
async function* compared(kind: FixtureKind, folder: string): AsyncGenerator<Comparison> {
  try {
    yield* kind.compare(folder);
  } catch (error) {
    yield { name: kind.name, error: NaN, tolerance: 0, verdict: 'FAIL', note: error instanceof Error ? error.message : String(error) };
  }
}

function line(fixture: string, { name, error, tolerance, verdict, note }: Comparison): string {
  return `${`${fixture}: ${name}`.padEnd(52)}${error.toExponential(1).padStart(9)} of ${tolerance.toExponential(0).padStart(5)}  ${verdict}${note === undefined ? '' : `  (${note})`}`;
}

const folders = process.argv.slice(2);
process.exitCode = await main(folders.length > 0 ? folders : [join(import.meta.dirname, 'fixtures')]);
