import { access, mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { randomBytes } from 'node:crypto';
import type { KeptState } from '../inference/protocol.ts';
import { numbered, outputFailure } from '../media/atomicFile.ts';
import { encodePng } from '../media/image.ts';
import { npyBytes } from '../tensor/npy.ts';
import { tensorToRgb } from '../tensor/imageTensor.ts';
import type { RgbImage } from '../tensor/rgbImage.ts';
import type { Tensor } from '../tensor/tensor.ts';
import type { WalkKeeper } from './engine.ts';

interface Walk {
  readonly number: number;
  readonly input: RgbImage;
  readonly states: KeptState[];
  estimate: Tensor | undefined;
}

/**
 * Collects the states of walks and writes them: `face-N/x_t.npy` and `predX0.npy` of shape (steps, 3, H, W), `estimate.npy`, one PNG each, and a sheet:
 * above the degraded crop and every x_t, below the backbone's estimate and every predX0.
 */
export class TrajectoryRecorder {
  private readonly walks: Walk[] = [];

  /** @returns where the states of one face go */
  face(number: number, input: RgbImage): WalkKeeper {
    const walk: Walk = { number, input, states: [], estimate: undefined };
    this.walks.push(walk);
    return {
      state: (state) => {
        walk.states.push(state);
      },
      estimate: (estimate) => {
        walk.estimate = estimate;
      },
    };
  }

  /** Writes a folder, whole or not at all, under `wanted` or the next free name. @returns its path; undefined when nothing was walked */
  async write(wanted: string): Promise<string | undefined> {
    const walks = this.walks.filter(({ states }) => states.length > 0);
    if (walks.length === 0) return undefined;
    const part = join(dirname(wanted), `.${randomBytes(8).toString('hex')}.part`);
    try {
      for (const walk of walks) await writeWalk(join(part, `face-${walk.number}`), walk);
      const folder = await freeName(wanted);
      await rename(part, folder);
      return folder;
    } catch (error) {
      throw outputFailure(wanted, error) ?? error;
    } finally {
      await rm(part, { recursive: true, force: true });
    }
  }
}

async function freeName(wanted: string): Promise<string> {
  for (let number = 1; ; number++) {
    const path = numbered(wanted, number);
    if (!(await access(path).then(() => true, () => false))) return path;
  }
}

async function writeWalk(folder: string, { input, states, estimate }: Walk): Promise<void> {
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'x_t.npy'), npyBytes(stacked(states.map(({ xT }) => xT))));
  await writeFile(join(folder, 'predX0.npy'), npyBytes(stacked(states.map(({ predX0 }) => predX0))));
  await writeFile(join(folder, 'steps.json'), JSON.stringify(states.map(({ order, t, alphaBar }) => ({ order, t, alphaBar })), null, 2) + '\n');
  const backbone = estimate ? tensorToRgb(estimate) : input;
  if (estimate) await writeFile(join(folder, 'estimate.npy'), npyBytes(estimate));
  await writeFile(join(folder, 'input.png'), await encodePng(input));
  await writeFile(join(folder, 'estimate.png'), await encodePng(backbone));
  const rows: RgbImage[][] = [[input], [backbone]];
  for (const { order, t, xT, predX0 } of states) {
    const name = `${String(order).padStart(3, '0')}_t${String(Math.round(t)).padStart(4, '0')}.png`;
    for (const [i, [kind, tensor]] of ([['x_t', xT], ['predX0', predX0]] as const).entries()) {
      const image = tensorToRgb(toUnit(tensor));
      rows[i]!.push(image);
      await writeFile(join(folder, `${kind}_${name}`), await encodePng(image));
    }
  }
  await writeFile(join(folder, 'sheet.png'), await encodePng(sheet(rows)));
}

function stacked(tensors: readonly Tensor[]): Tensor {
  const [, channels, height, width] = tensors[0]!.shape as [number, number, number, number];
  const data = new Float32Array(tensors.length * channels * height * width);
  for (const [i, tensor] of tensors.entries()) data.set(tensor.data, i * channels * height * width);
  return { data, shape: [tensors.length, channels, height, width] };
}

/** From the sampler's [-1, 1] to [0, 1]; noise beyond is clipped by the conversion to pixels. */
function toUnit({ data, shape }: Tensor): Tensor {
  return { data: data.map((value) => value * 0.5 + 0.5), shape };
}

/** Pictures of one size in rows. */
export function sheet(rows: readonly (readonly RgbImage[])[]): RgbImage {
  const { width, height } = rows[0]![0]!;
  const columns = Math.max(...rows.map((row) => row.length));
  const data = new Uint8Array(3 * columns * width * rows.length * height);
  for (const [r, row] of rows.entries()) {
    for (const [c, image] of row.entries()) {
      for (let y = 0; y < height; y++) data.set(image.data.subarray(3 * y * width, 3 * (y + 1) * width), 3 * (((r * height + y) * columns + c) * width));
    }
  }
  return { width: columns * width, height: rows.length * height, data };
}
