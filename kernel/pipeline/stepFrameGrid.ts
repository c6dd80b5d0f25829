import type { Tensor } from '../tensor/tensor.ts';
import type { KeptWalk } from '../trajectory/keptWalk.ts';
import type { StepFrameGrid } from '../trajectory/walkTypes.ts';
import type { Parts } from './handover.ts';

/** Side of the cells in which a change is drawn, at most. */
const largestSide = 128;
/** A change of predX0 that fills the scale, in [-1, 1]. */
const changeScale = 0.5;

/** Diffusion time across, video time down: what the steps of each frame predict, and how it changes from one frame to the next. */
export async function stepFrameGrid(frames: readonly number[], walks: readonly KeptWalk[], parts: Parts): Promise<StepFrameGrid> {
  const [{ info }] = walks as readonly [KeptWalk];
  const side = Math.min(largestSide, info.size);
  const columns = info.kept;
  const cells = [], change = [], changeCells = [];
  let above: readonly Tensor[] | undefined;
  for (const walk of walks) {
    const { states } = await walk.previews();
    cells.push(states.map(({ xT, predX0 }) => ({ xT: parts.add(xT), predX0: parts.add(predX0) })));
    const row: Tensor[] = [];
    for (const order of columns) row.push(await walk.read('predX0', order));
    const before = above;
    change.push(row.map((now, i) => (before ? rootMeanSquare(now, before[i]!) : null)));
    changeCells.push(row.map((now, i) => parts.add(changeCell(now, before?.[i] ?? now, info.size, side))));
    above = row;
  }
  return { frames, kept: columns, timesteps: columns.map((order) => info.steps[order]?.t ?? 0), cells, change, changeCells, side, changeScale };
}

function rootMeanSquare(a: Tensor, b: Tensor): number {
  let sum = 0;
  for (let i = 0; i < a.data.length; i++) sum += (a.data[i]! - b.data[i]!) ** 2;
  return Math.sqrt(sum / a.data.length);
}

/** Change of the luma as int8. Where it is drawn smaller, each value is the largest change of its block: averages would hide just the fine flicker that is looked for. */
function changeCell({ data }: Tensor, { data: before }: Tensor, size: number, side: number): Uint8Array {
  const [plane, cell] = [size * size, new Int8Array(side * side)];
  for (let y = 0; y < size; y++) {
    for (let x = 0; x < size; x++) {
      const i = y * size + x;
      const luma = 0.299 * (data[i]! - before[i]!) + 0.587 * (data[plane + i]! - before[plane + i]!) + 0.114 * (data[2 * plane + i]! - before[2 * plane + i]!);
      const value = Math.round(Math.min(127, Math.max(-127, (luma / changeScale) * 127)));
      const at = Math.floor((y * side) / size) * side + Math.floor((x * side) / size);
      if (Math.abs(value) > Math.abs(cell[at]!)) cell[at] = value;
    }
  }
  return new Uint8Array(cell.buffer);
}
