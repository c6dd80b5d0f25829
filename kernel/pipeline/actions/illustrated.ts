import type { ActionKind } from '../../recipe/actions.ts';
import type { ActionOutcome, LinkedFile, NamedResult, Shown } from '../../recipe/outcome.ts';
import type { RgbImage } from '../../tensor/rgbImage.ts';
import { embeddedPng } from './embed.ts';

/** Something that is shown, and how it looks as one picture, where it can. */
export interface Illustrated {
  readonly shown: Shown;
  readonly still?: () => Promise<RgbImage>;
}

export interface OutcomeParts {
  readonly links?: readonly LinkedFile[];
  readonly notes?: readonly string[];
  readonly named?: NamedResult | undefined;
  /** Files of several that could not be restored. */
  readonly failed?: number;
}

/** What an action came to; the first thing that can be drawn is its picture. */
export async function outcomeOf(kind: ActionKind, illustrated: readonly Illustrated[], { links = [], notes = [], named, failed = 0 }: OutcomeParts): Promise<ActionOutcome> {
  const still = illustrated.find((one) => one.still)?.still;
  return {
    kind, shown: illustrated.map(({ shown }) => shown), links: links.filter(({ path }, i) => links.findIndex((link) => link.path === path) === i), notes: [...new Set(notes)],
    ...(named ? { named } : {}), ...(failed > 0 ? { failed } : {}), ...(still ? { picture: await embeddedPng(await still()) } : {}),
  };
}
