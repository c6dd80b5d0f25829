import type { FaceChoice, FoundFace, RecipeSummary } from '../kernel/protocol.ts';

/** A restoration of a recipe, for a list to choose from. */
export interface ListedRestoration {
  /** Which action of the recipe, counted from 0. */
  readonly action: number;
  readonly label: string;
  readonly description: string;
}

export function restorationsIn({ actions }: RecipeSummary): readonly ListedRestoration[] {
  return actions.flatMap(({ kind, about, as, line }, action) => (kind === 'restore' ? [{ action, label: about, description: `line ${line + 1}${as === undefined ? '' : `, $${as}`}` }] : []));
}

/** Numbers of the faces that have to be chosen otherwise than they are without a choice, so that those of a recipe are restored. */
export function turnedFaces(wanted: FaceChoice, faces: readonly FoundFace[]): readonly number[] {
  const gated = (face: FoundFace): boolean => face.gate !== undefined;
  if (wanted === 'all') return [];
  const largest = faces.filter((face) => !gated(face)).reduce<FoundFace | undefined>((best, face) => (best && best.eyeDistance >= face.eyeDistance ? best : face), undefined);
  const chosen = wanted === 'largest' ? (largest ? [largest.number] : []) : wanted;
  return faces.filter((face) => chosen.includes(face.number) === gated(face)).map(({ number }) => number);
}
