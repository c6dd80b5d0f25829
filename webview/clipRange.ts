import type { KeptState } from './editorState.ts';

type Points = Pick<KeptState, 'inPoint' | 'outPoint'>;

/** The part of a clip that begins at a frame; an end before it is given up. */
export function beginningAt(frame: number, { outPoint }: Points): Points {
  return { inPoint: frame, outPoint: outPoint !== undefined && outPoint < frame ? undefined : outPoint };
}

/** The part of a clip that ends at a frame; a beginning after it is given up. */
export function endingAt(frame: number, { inPoint }: Points): Points {
  return { inPoint: inPoint !== undefined && inPoint > frame ? undefined : inPoint, outPoint: frame };
}

/** First and last frame of the part; undefined where it is all of the clip. */
export function rangeOf({ inPoint, outPoint }: Points, count: number): { readonly first: number; readonly last: number } | undefined {
  return inPoint === undefined && outPoint === undefined ? undefined : { first: inPoint ?? 0, last: outPoint ?? count - 1 };
}
