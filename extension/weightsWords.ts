import { inMegabytes, notTriedWords, weightsProgressWords, type ImportedWeights, type InstalledFiles, type ListedFile, type ListedLicence, type VerifiedFile, type WeightsProgress } from '../kernel/protocol.ts';
import { inEditorWords } from './editorWords.ts';

/** A line of progress, and the share of this stage that is done (0..1). */
export function weightsProgressText(progress: WeightsProgress): { readonly text: string; readonly done: number } {
  const { text, done = 0 } = weightsProgressWords(progress);
  return { text: `${progress.file}: ${text}`, done };
}

/** What the list of weights says of a file. */
export function fileWords(file: ListedFile, licence: ListedLicence | undefined): { readonly label: string; readonly description: string; readonly detail: string } {
  return { label: `$(${stateIcons[file.state]}) ${file.title}`, description: stateWords(file), detail: `${file.purpose.charAt(0).toUpperCase()}${file.purpose.slice(1)}. ${file.file}, ${licence?.title ?? file.licence}` };
}

const stateIcons = { missing: 'circle-outline', begun: 'cloud-download', installed: 'check', unchecked: 'question' } as const satisfies Record<ListedFile['state'], string>;

function stateWords({ state, size, bytes, convertedBytes, installed }: ListedFile): string {
  const whole = `${size.exact ? '' : 'about '}${inMegabytes(size.bytes)}`;
  switch (state) {
    case 'missing':
      return `not installed, ${whole}`;
    case 'begun':
      return `${inMegabytes(bytes)} of ${whole} downloaded`;
    case 'unchecked':
      return `${inMegabytes(bytes)}, not checked yet`;
    case 'installed':
      return `installed, ${inMegabytes(bytes)}${convertedBytes > 0 ? ` and ${inMegabytes(convertedBytes)} converted` : ''}${installed?.published === 'other' ? ', not the published file' : ''}`;
    default:
      return state satisfies never;
  }
}

/** What came of installing files: a sentence, and one for each that cannot be had. */
export function installedWords({ installed, failed }: InstalledFiles): string {
  const files = installed.length === 0 ? [] : [`Installed: ${installed.map(({ file }) => file).join(', ')}.`];
  const tried = failed.filter(({ unreachable }) => unreachable === undefined);
  return [...files, ...tried.map(({ file, why }) => `Not installed: ${why.startsWith(file) ? '' : `${file}: `}${inEditorWords(why)}.`), ...notTriedWords(failed).map((words) => `${words}.`)].join(' ');
}

/** What came of an import, likewise. */
export function importedWords({ imported, failed, unconverted }: Omit<ImportedWeights, 'skipped'>): string {
  const others = imported.filter(({ published }) => published === 'other').map(({ file }) => file);
  return [
    imported.length === 0 ? 'No official weights were found.' : `Imported: ${imported.map(({ file }) => file).join(', ')}.`,
    ...(others.length > 0 ? [`${others.join(', ')}: not the published ${others.length === 1 ? 'file' : 'files'}, but of the right shape.`] : []),
    ...failed.map(({ why }) => `Not imported: ${inEditorWords(why)}.`),
    ...unconverted.map(({ file, why }) => `${file} could not be converted: ${inEditorWords(why)}.`),
  ].join(' ');
}

/** What a check found, as one sentence. */
export function verifiedWords(found: readonly VerifiedFile[]): string {
  if (found.length === 0) return 'No weights are installed.';
  const amiss = (['Missing', 'Damaged'] as const).flatMap((title) => {
    const files = found.filter(({ status }) => status === title.toLowerCase()).map(({ file }) => file);
    return files.length > 0 ? [`${title}: ${files.join(', ')}.`] : [];
  });
  if (amiss.length > 0) return amiss.join(' ');
  const published = found.filter((file) => file.status === 'intact' && file.published === 'same').length;
  const reconverted = found.reduce((sum, file) => sum + (file.status === 'intact' ? file.reconverted : 0), 0);
  const again = reconverted === 0 ? '' : ` Converted networks that were damaged: ${reconverted}; they are converted again at the next use.`;
  return `${found.length === 1 ? 'The installed file is' : `All ${found.length} installed files are`} as installed${published > 0 ? `, ${published} of them as published` : ''}.${again}`;
}

/** The weights that a failure says help: names for the install; undefined where it is about something else. */
export function weightsToInstall(message: string): { readonly names: readonly string[]; readonly repair: boolean } | undefined {
  const found = /'difface weights install ([^']+)' (installs|repairs)/.exec(message);
  return found ? { names: found[1]!.split(' '), repair: found[2] === 'repairs' } : undefined;
}
