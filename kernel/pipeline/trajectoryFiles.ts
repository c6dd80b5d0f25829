import { access, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { writeFolderWhole } from '../media/atomicFile.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { exportWalk } from '../trajectory/exportWalk.ts';
import type { KeptWalk } from '../trajectory/keptWalk.ts';
import type { Engine } from './engine.ts';
import { planInFrame, turnsOf, type Plan } from './plan.ts';
import type { OnProgress } from './progress.ts';
import { restoreFace } from './restoreFace.ts';
import { keepEverything, walkFace, walkParameters } from './walks.ts';

/** Restores faces with all states of their walks, and writes these in a folder beside the result: `face-N/states.npz`, `strip.png`, `parameters.json`. */
export class TrajectoryFiles {
  private readonly walks: { readonly face: number; readonly frame: number; readonly walk: KeptWalk }[] = [];

  constructor(private readonly input: string, private readonly engine: Engine, private readonly plan: Plan, private readonly signal: AbortSignal, private readonly onProgress: OnProgress) {}

  /**
   * Restores a face. @param face counted from 1
   * @param frame of a clip; 0 in a picture
   * @param crop (1, 3, S, S) in [0, 1]
   * @returns likewise
   */
  async restore(face: number, frame: number, crop: Tensor, onStep: (step: number, steps: number) => void): Promise<Tensor> {
    const { engine, signal } = this;
    const plan = planInFrame(this.plan, this.input, frame);
    const walk = await walkFace({ crop, track: face - 1 }, plan, turnsOf(plan, face - 1), keepEverything, { engine, signal, onStep });
    this.walks.push({ face, frame, walk });
    // a blend is of many walks, and the one that is kept is the first of them
    return plan.blend ? restoreFace(crop, { engine, plan, seed: plan.seed, track: face - 1, signal, onStep }) : (await walk.result())!;
  }

  /**
   * Writes the states beside a result that was just written, whole or not at all; without them the result goes, too: one that stands there without what was asked for is in the way
   * of the next run.
   * @returns path of the folder; undefined when nothing was walked
   */
  async writeBeside(result: string): Promise<string | undefined> {
    try {
      return await this.write(`${result}.trajectory`);
    } catch (error) {
      await rm(result, { force: true });
      throw error;
    }
  }

  /** Writes under `wanted` or the next free name. */
  private async write(wanted: string): Promise<string | undefined> {
    if (this.walks.length === 0) return undefined;
    return writeFolderWhole(wanted, async (folder) => {
      for (const [i, { face, frame, walk }] of this.walks.entries()) {
        const parameters = await walkParameters(this.input, planInFrame(this.plan, this.input, frame), { face, frame, turns: turnsOf(this.plan, face - 1) });
        await exportWalk(walk, join(folder, `face-${face}`), ['npz', 'png'], parameters, this.signal, (state, states) => {
          this.onProgress({ stage: 'writingStates', state: i * states + state, states: this.walks.length * states });
        });
      }
    });
  }
}

/** The folder of states that was written beside a result. @returns undefined where those of a face are not there any more */
export async function statesBeside(result: string, faces: readonly number[]): Promise<string | undefined> {
  const folder = `${result}.trajectory`;
  const there = await Promise.all(faces.map((face) => access(join(folder, `face-${face}`, 'states.npz')).then(() => true, () => false)));
  return there.every((one) => one) ? folder : undefined;
}
