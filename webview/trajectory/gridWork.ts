import type { Ask } from '../host.ts';
import type { Place, StepFrameGrid, WalkRef } from '../protocol.ts';
import { turnsKey } from './turns.ts';
import { sentenceOf, wasCancelled } from './walkBook.ts';

export interface GridCell {
  /** Addresses of JPEGs. */
  readonly xT: string;
  readonly predX0: string;
  /** Signed change of the luma from the row above, `side` x `side`; 127 is `changeScale`. */
  readonly change: Int8Array;
  /** Root mean square change from the row above, in [-1, 1]; null in the first row. */
  readonly rms: number | null;
}

export interface ShownGrid {
  readonly grid: StepFrameGrid;
  readonly cells: readonly (readonly GridCell[])[];
  /** Largest change of all cells. */
  readonly largest: number;
}

export interface GridPart {
  readonly first: number;
  readonly last: number;
  readonly rows: number;
}

export type GridPhase =
  | { readonly kind: 'idle' }
  | { readonly kind: 'asking' }
  | { readonly kind: 'failed'; readonly message: string }
  | { readonly kind: 'ready'; readonly shown: ShownGrid };

/** The walks of one face over many frames, as the page holds them. */
export class GridWork {
  phase: GridPhase = { kind: 'idle' };
  private key = '';

  constructor(private readonly ask: Ask, private readonly onChange: () => void) {}

  /** What was asked of another face, other options or another part is no longer shown. @param options what decides how faces are walked */
  follow(walk: WalkRef, part: GridPart, options: string): void {
    const key = `${walk.face} ${turnsKey(walk.turns)} ${part.first} ${part.last} ${part.rows} ${options}`;
    if (key === this.key) return;
    this.key = key;
    this.dispose();
    this.phase = { kind: 'idle' };
  }

  async make(walk: WalkRef, { first, last, rows }: GridPart): Promise<void> {
    const { key } = this;
    this.set({ kind: 'asking' });
    try {
      const { result, bytes } = await this.ask({ what: 'grid', walk, first, last, rows });
      if (key === this.key) this.set({ kind: 'ready', shown: shownGrid(result, bytes) });
    } catch (error) {
      if (key === this.key) this.set(wasCancelled(error) ? { kind: 'idle' } : { kind: 'failed', message: sentenceOf(error) });
    }
  }

  dispose(): void {
    if (this.phase.kind === 'ready') for (const { xT, predX0 } of this.phase.shown.cells.flat()) for (const address of [xT, predX0]) URL.revokeObjectURL(address);
  }

  private set(phase: GridPhase): void {
    this.dispose();
    this.phase = phase;
    this.onChange();
  }
}

function shownGrid(grid: StepFrameGrid, bytes: ArrayBuffer): ShownGrid {
  const address = ([offset, length]: Place): string => URL.createObjectURL(new Blob([bytes.slice(offset, offset + length)], { type: 'image/jpeg' }));
  return {
    grid,
    cells: grid.cells.map((row, i) => row.map(({ xT, predX0 }, j) => {
      const [offset, length] = grid.changeCells[i]![j]!;
      return { xT: address(xT), predX0: address(predX0), change: new Int8Array(bytes.slice(offset, offset + length)), rms: grid.change[i]?.[j] ?? null };
    })),
    largest: Math.max(1e-6, ...grid.change.flat().map((value) => value ?? 0)),
  };
}
