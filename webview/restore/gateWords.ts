import type { FoundFace } from '../protocol.ts';

/** Why a face is left out unless it is chosen, as a part of a sentence; empty where nothing speaks against it. */
export function gateWords({ gate }: FoundFace): string {
  switch (gate) {
    case 'tiny': return 'too small to restore';
    case 'profile': return 'seen too far from the side to be restored well';
    case undefined: return '';
    default: return gate satisfies never;
  }
}
