import { copyFile, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Unet } from '../../kernel/models/unet.ts';
import { parseUnetParams } from '../../kernel/models/unetParams.ts';
import { root } from '../cli/command.ts';
import { writeRandomCheckpoint } from './randomCheckpoint.ts';

interface Description {
  readonly name: string;
  readonly denoiser: { readonly file: string; readonly params: Readonly<Record<string, unknown>> };
}

/** A model whose steps take a good second of two cores, as those of a real one do: the sample model with a denoiser of more and wider blocks, whose weights are random. */
export async function writeSlowModel(folder: string): Promise<void> {
  const sample = join(root, 'samples', 'model');
  const { denoiser, ...description } = JSON.parse(await readFile(join(sample, 'model.json'), 'utf8')) as Description;
  const params = { ...denoiser.params, model_channels: 64, channel_mult: [1, 1, 1], num_res_blocks: [10, 1, 1], attention_resolutions: [] };
  await mkdir(folder);
  await copyFile(join(sample, 'backbone.pth'), join(folder, 'backbone.pth'));
  await writeFile(join(folder, 'model.json'), JSON.stringify({ ...description, name: 'slow', denoiser: { ...denoiser, params } }));
  const parameters = [...new Unet(parseUnetParams(params)).bind().parameters()];
  await writeRandomCheckpoint(join(folder, denoiser.file), parameters.map(({ key, shape }) => ({ key, shape, dtype: 'float32', buffer: false })));
}
