import { basename } from 'node:path';
import type { Developed, FileResult } from '../kernel/protocol.ts';

export interface Summary {
  readonly sentence: string;
  /** One line for each file. */
  readonly details: readonly string[];
  readonly failed: boolean;
  /** Results stood there for all that can be restored. */
  readonly allBefore: boolean;
}

/** What became of the files, for a person. */
export function summarise(results: readonly FileResult[], cancelled: boolean): Summary {
  const count = (status: FileResult['status']): number => results.filter((result) => result.status === status).length;
  const before = results.filter((result) => result.status === 'restored' && result.before === true).length;
  const [restored, faceless, skipped, failed] = [count('restored') - before, count('no face'), count('skipped'), count('failed')];
  const rest = { details: results.map(line), failed: failed > 0, allBefore: before > 0 && restored === 0 && !cancelled };
  if (results.length === 1 && !cancelled) return { sentence: single(results[0]!), ...rest };
  if (rest.allBefore && before === results.length) return { sentence: `DifFace: all ${before} were restored before, in the same way, and are unchanged.`, ...rest };
  const some = (number: number, words: string): readonly string[] => (number > 0 ? [`${number} ${words}`] : []);
  const parts = [...(before > 0 ? some(restored, 'restored') : [`${restored} restored`]), ...some(before, 'restored before and unchanged'), ...some(faceless, 'without a face'), ...some(skipped, 'skipped'), ...some(failed, 'failed')];
  const names = results.filter(({ status }) => status === 'failed').map(({ input }) => basename(input));
  const which = names.length > 0 && names.length <= 3 ? ` (${names.join(', ')})` : '';
  return { sentence: `${cancelled ? 'Cancelled. ' : ''}DifFace: ${parts.join(', ')}${which}.`, ...rest };
}

function single(result: FileResult): string {
  switch (result.status) {
    case 'restored':
      if (result.before === true) return `${basename(result.input)} was restored before, in the same way, and ${basename(result.output)} is unchanged.`;
      return `${result.faces.length} ${result.faces.length === 1 ? 'face' : 'faces'} restored: ${basename(result.output)}.`;
    case 'no face':
      return `No face was found in ${basename(result.input)}; nothing was written.`;
    case 'skipped':
      return `${basename(result.input)} was skipped: ${result.why}.`;
    case 'failed':
      return result.message;
    default:
      return result satisfies never;
  }
}

function line(result: FileResult): string {
  switch (result.status) {
    case 'restored':
      return [`restored: ${result.output} (${result.faces.length} faces, ${result.seconds.toFixed(1)} s)`, ...result.notes].join('; ');
    case 'no face':
      return `no face: ${result.input}`;
    case 'skipped':
      return `skipped: ${result.input}: ${result.why}`;
    case 'failed':
      return `failed: ${result.input}: ${result.message}`;
    default:
      return result satisfies never;
  }
}

/** What a restoration for the editors came to. @param seed null where there is no walk, and so no noise */
export function developedText({ faces, frames, before, seconds }: Developed, device: string | null, seed: number | null): string {
  if (faces === 0) return 'No face was found';
  const where = device === null ? '' : ` on ${device.toUpperCase()}`;
  const took = before === 'all' ? 'restored before' : `restored in ${seconds.toFixed(1)} s${before === 'some' ? ', in part before' : ''}`;
  return `${faces} ${faces === 1 ? 'face' : 'faces'}${frames > 1 ? ` in ${frames} frames` : ''} ${took}${where}${seed === null ? '' : `, seed ${seed}`}`;
}
