import type { Tensor } from '../tensor/tensor.ts';
import type { KeptWalk } from './keptWalk.ts';
import { distance, lumaPlane } from './stateMeasures.ts';
import type { Place, StepFrameGrid } from './walkTypes.ts';

/** Side of the cells in which a change is drawn, at most. */
const largestSide = 128;
/** A change of predX0 that fills the scale, in [-1, 1]. */
const changeScale = 0.5;

interface Cell {
  readonly predX0: Tensor;
  readonly luma: Float64Array;
}

/**
 * Diffusion time across, video time down: what the steps of each frame predict, and how it changes from one frame to the next.
 * @param add puts bytes into what is handed over
 */
export async function stepFrameGrid(frames: readonly number[], walks: readonly KeptWalk[], add: (bytes: Uint8Array) => Place): Promise<StepFrameGrid> {
  const [{ info }] = walks as readonly [KeptWalk];
  const side = Math.min(largestSide, info.size);
  const columns = info.kept;
  const cells = [], change = [], changeCells = [];
  let above: readonly Cell[] | undefined;
  for (const walk of walks) {
    const { states } = await walk.previews();
    cells.push(states.map(({ xT, predX0 }) => ({ xT: add(xT), predX0: add(predX0) })));
    const row: Cell[] = [];
    for (const order of columns) {
      const predX0 = await walk.read('predX0', order);
      row.push({ predX0, luma: lumaPlane(predX0) });
    }
    const before = above;
    change.push(row.map(({ predX0 }, i) => (before ? distance(predX0, before[i]!.predX0) : null)));
    changeCells.push(row.map(({ luma }, i) => add(changeCell(luma, before?.[i]!.luma ?? luma, info.size, side))));
    above = row;
  }
  return { frames, kept: columns, timesteps: columns.map((order) => info.steps[order]?.t ?? 0), cells, change, changeCells, side, changeScale };
}

/** Change of a luma plane (0..255) as int8. Where it is drawn smaller, each value is the largest change of its block: averages would hide just the fine flicker that is looked for. */
function changeCell(now: Float64Array, before: Float64Array, size: number, side: number): Uint8Array {
  const cell = new Int8Array(side * side);
  for (let y = 0; y < size; y++) {
    for (let x = 0; x < size; x++) {
      const i = y * size + x;
      const change = (now[i]! - before[i]!) / 127.5;
      const value = Math.round(Math.min(127, Math.max(-127, (change / changeScale) * 127)));
      const at = Math.floor((y * side) / size) * side + Math.floor((x * side) / size);
      if (Math.abs(value) > Math.abs(cell[at]!)) cell[at] = value;
    }
  }
  return new Uint8Array(cell.buffer);
}
