import { basename } from 'node:path';
import type { Developed, FileResult } from '../kernel/protocol.ts';

export interface Summary {
  readonly sentence: string;
  /** One line for each file. */
  readonly details: readonly string[];
  readonly failed: boolean;
}

/** What became of the files, for a person. */
export function summarise(results: readonly FileResult[], cancelled: boolean): Summary {
  const count = (status: FileResult['status']): number => results.filter((result) => result.status === status).length;
  const [restored, faceless, skipped, failed] = [count('restored'), count('no face'), count('skipped'), count('failed')];
  const details = results.map(line);
  if (results.length === 1 && !cancelled) return { sentence: single(results[0]!), details, failed: failed > 0 };
  const parts = [`${restored} restored`, ...(faceless > 0 ? [`${faceless} without a face`] : []), ...(skipped > 0 ? [`${skipped} skipped`] : []), ...(failed > 0 ? [`${failed} failed`] : [])];
  const names = results.filter(({ status }) => status === 'failed').map(({ input }) => basename(input));
  const which = names.length > 0 && names.length <= 3 ? ` (${names.join(', ')})` : '';
  return { sentence: `${cancelled ? 'Cancelled. ' : ''}DifFace: ${parts.join(', ')}${which}.`, details, failed: failed > 0 };
}

function single(result: FileResult): string {
  switch (result.status) {
    case 'restored':
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
