import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

export interface TensorSpec {
  readonly key: string;
  readonly shape: readonly number[];
  readonly dtype: 'float32' | 'int64';
  /** Stored, but no parameter of the network. */
  readonly buffer: boolean;
  /** Of random values, where they must be of another size than usual. */
  readonly range?: { readonly centre: number; readonly spread: number };
}

export type OfficialNetwork =
  | 'unet512' | 'unet256' | 'swinir512' | 'retinaface_mobilenet025' | 'retinaface_resnet50' | 'parsenet' | 'rrdbnet_x2' | 'yolov5n_face' | 'yolov5l_face' | 'lama256';

/** Keys, shapes and types that the reference's strict loading demands of an official file, in its order. */
export async function officialTensors(network: OfficialNetwork): Promise<readonly TensorSpec[]> {
  const text = await readFile(join(import.meta.dirname, 'keys', `${network}.txt`), 'utf8');
  return text.split('\n').filter((line) => line !== '' && !line.startsWith('#')).map((line) => {
    const [key, extents, dtype, kind] = line.split(/\s+/);
    if (key === undefined || extents === undefined || (dtype !== 'float32' && dtype !== 'int64')) throw new Error(`not a line of a key list: ${line}`);
    return { key, shape: /^\d/.test(extents) ? extents.split('x').map(Number) : [], dtype, buffer: kind === 'b' };
  });
}
