import type { Command } from 'commander';
import { resolve } from 'node:path';
import { createInterface } from 'node:readline/promises';
import { KernelFailure } from '../failure.ts';
import { weightsFolder } from '../packageFolder.ts';
import { importWeights, installWeights, listWeights, openLicences, removeWeights, verifyWeights, type WeightsWork } from '../pipeline/manageWeights.ts';
import { acceptLicence, licences, type Licence } from '../weights/licences.ts';
import type { InstalledFiles, VerifiedFile } from '../weights/listed.ts';
import { inMegabytes } from '../weights/megabytes.ts';
import { notTriedWords } from '../weights/notTriedWords.ts';
import { fileSets, filesNamed, usualSet, type OfficialFile } from '../weights/officialFiles.ts';
import { shownAddress } from '../weights/shownAddress.ts';
import { interruptSignal } from './interrupt.ts';
import { visible } from './visible.ts';
import { describeList, publishedWords } from './weightsList.ts';
import { WeightsProgressLine } from './weightsProgressLine.ts';

const namesHelp = `short names, file names, or sets: ${Object.keys(fileSets).join(', ')}`;

/** `difface weights list | install | import | verify | remove`. */
export function addWeightsCommand(program: Command): void {
  const weights = program.command('weights').description('lists, installs, imports, checks and removes the official weights');
  weights
    .command('list', { isDefault: true })
    .description('what there is, what is installed, under which licence, and how much of the disk it takes')
    .option('--json', 'print JSON')
    .action(async ({ json }: { json?: true }) => {
      const found = await listWeights();
      process.stdout.write(json === true ? JSON.stringify(found, null, 2) + '\n' : describeList(found));
    });
  weights
    .command('install')
    .description(`downloads weights, checks and converts them; goes on where an earlier download ended, and repairs what is damaged`)
    .argument('[names...]', `${namesHelp}; '${usualSet}' where none is given`)
    .option('--accept-licence', 'accept the terms that are shown')
    .option('--mirror <address>', 'address of a folder that holds the files (also DIFFACE_WEIGHTS_MIRROR)')
    .action(async (names: readonly string[], { acceptLicence: accept, mirror }: { acceptLicence?: true; mirror?: string }) => {
      const files = filesNamed(names.length === 0 ? [usualSet] : names);
      await showLicences(files, accept === true);
      await working(async (work) => {
        const { installed: done, failed } = await installWeights(files, mirror === undefined ? {} : { mirror }, work);
        for (const { file, bytes, installed } of done) say(`installed  ${file}  ${inMegabytes(bytes)}  ${installed ? publishedWords(installed.published, installed.sha256) : ''}`);
        if (failed.length > 0) throw new KernelFailure('weights', `installed ${done.length} of ${files.length} files; ${notHadWords(failed)}; ${againWords(failed, mirror)}`);
      });
    });
  weights
    .command('import')
    .description('brings in files that came another way; they are recognised by their contents')
    .argument('<paths...>', 'files, and folders with files')
    .action((paths: readonly string[]) => working(async (work) => {
      const { imported, skipped, failed, unconverted } = await importWeights(paths.map((path) => resolve(path)), work);
      for (const { path, why } of skipped) process.stderr.write(visible(`skipped  ${path}: ${why}\n`));
      for (const { file, from, record } of imported) {
        say(`imported  ${file.file}  from ${from}  ${publishedWords(record.published, record.sha256)}`);
        say(`          ${licences[file.licence].title}: ${licences[file.licence].terms} ${licences[file.licence].address}`);
      }
      const amiss = [...(failed.length > 0 ? [`these could not be: ${failed.map(({ path }) => path).join(', ')}`] : []), ...unconverted.map(({ file, why }) => `${file} could not be converted: ${why}`)];
      if (amiss.length > 0) throw new KernelFailure(failed.length > 0 ? 'input' : 'output', `${imported.length} ${imported.length === 1 ? 'file was' : 'files were'} imported; ${amiss.join('; ')}`);
      if (imported.length === 0) throw new KernelFailure('input', `there are no official weights in ${paths.join(', ')}`);
    }));
  weights
    .command('verify')
    .description('reads installed weights and compares them with what they were when they were installed')
    .argument('[names...]', `${namesHelp}; all that are installed where none is given`)
    .action((names: readonly string[]) => working(async (work) => {
      const found = await verifyWeights(names, work);
      for (const one of found) say(`${one.status.padEnd(7)}  ${one.file}  ${one.status === 'intact' ? publishedWords(one.published, one.sha256) + reconvertedWords(one.reconverted) : one.why}`);
      if (found.length === 0) say(`nothing is installed in ${weightsFolder()}`);
      const amiss = found.filter(({ status }) => status !== 'intact');
      if (amiss.length > 0) throw new KernelFailure('weights', amissWords(amiss));
    }));
  weights
    .command('remove')
    .description('removes weights, what was begun of them, and what was converted from them')
    .argument('<names...>', namesHelp)
    .action((names: readonly string[]) => working(async (work) => {
      const { removed, failed } = await removeWeights(filesNamed(names), work);
      for (const { file, bytes } of removed) say(bytes === 0 ? `nothing there  ${file}` : `removed  ${file}  ${inMegabytes(bytes)}`);
      if (failed.length > 0) throw new KernelFailure('weights', `these could not be removed: ${failed.map(({ file }) => file).join(', ')}`);
    }));
}

/** Which files could not be had, and which were not tried. */
function notHadWords(failed: InstalledFiles['failed']): string {
  const tried = failed.filter(({ unreachable }) => unreachable === undefined).map(({ file }) => file);
  return [`these could not be had: ${tried.join(', ')}`, ...notTriedWords(failed)].join('; ');
}

/** The command that tries again. An address that is not shown as it was given, because of a password, or that a shell would change is not repeated. */
function againWords(failed: InstalledFiles['failed'], mirror: string | undefined): string {
  if (mirror !== undefined && (shownAddress(mirror) !== mirror || !/^[\w.:/%~+@-]+$/.test(mirror))) return 'the same command tries again';
  return `'difface weights install ${failed.map(({ id }) => id).join(' ')}${mirror === undefined ? '' : ` --mirror ${mirror}`}' tries again`;
}

/** What was found of the networks that were converted from a file. */
function reconvertedWords(count: number): string {
  return count === 0 ? '' : `; ${count} ${count === 1 ? 'network that was converted from it was damaged and is' : 'networks that were converted from it were damaged and are'} converted again at the next use`;
}

/** What cannot be used, and the one command that helps all of it but those with a folder in their place. */
function amissWords(amiss: readonly VerifiedFile[]): string {
  const listed = (['missing', 'damaged'] as const).flatMap((status) => {
    const files = amiss.filter((one) => one.status === status).map(({ file }) => file);
    return files.length === 0 ? [] : [`${status}: ${files.join(', ')}`];
  });
  const installable = amiss.filter((one) => one.status !== 'missing' || !one.inTheWay);
  if (installable.length > 0) listed.push(`'difface weights install ${installable.map(({ id }) => id).join(' ')}' ${installable.some(({ status }) => status === 'damaged') ? 'repairs' : 'installs'} ${installable.length === 1 ? 'it' : 'them'}`);
  return listed.join('; ');
}

async function working(work: (work: WeightsWork) => Promise<void>): Promise<void> {
  const [interrupt, line] = [interruptSignal(), new WeightsProgressLine()];
  try {
    await work({
      signal: interrupt.signal, onProgress: (progress) => { line.show(progress); },
      onFailed: (file, why) => {
        line.stop();
        process.stderr.write(`${visible(`failed  ${file}: ${why}`)}\n`);
      },
    });
  } finally {
    line.stop();
    interrupt.dispose();
  }
}

/**
 * Shows the terms of all files, and has the restricted ones accepted that were not yet.
 * @throws KernelFailure('weights') where they are not
 */
async function showLicences(files: readonly OfficialFile[], accept: boolean): Promise<void> {
  const open = await openLicences(files);
  for (const licence of Object.values(licences)) {
    const under = files.filter((file) => file.licence === licence.id).map(({ file }) => file);
    if (under.length > 0) process.stderr.write(`${licence.title} (${under.join(', ')})\n  ${licence.terms}\n  ${licence.address}\n`);
  }
  for (const licence of open) {
    if (!accept && !(await isAccepted(licence))) {
      throw new KernelFailure('weights', `nothing was downloaded: ${licence.title} was not accepted; read ${licence.address}, and if its terms suit you, run the command with --accept-licence`);
    }
    await acceptLicence(licence, weightsFolder());
  }
}

/** Nobody can answer where there is no terminal. */
async function isAccepted({ title }: Licence): Promise<boolean> {
  if (!process.stdin.isTTY) return false;
  const lines = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return /^y(es)?$/i.test((await lines.question(`Do you accept ${title}? [y/N] `)).trim());
  } catch {
    return false;                                                       // Ctrl+C, or the end of the input
  } finally {
    lines.close();
  }
}

function say(line: string): void {
  process.stdout.write(`${visible(line)}\n`);
}
