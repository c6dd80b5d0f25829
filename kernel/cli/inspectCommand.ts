import type { Command } from 'commander';
import { openStateDict, type TensorEntry } from '../checkpoint/stateDict.ts';
import { recognise, type Recognised } from '../models/recognise.ts';
import { oneLine, visible } from './visible.ts';

interface Inspection {
  readonly path: string;
  readonly format: string;
  readonly where: string;
  readonly architecture: string;
  /** Of the network's constructor, by the reference's names, and which of them keys and shapes do not tell. */
  readonly params?: Readonly<Record<string, unknown>>;
  readonly assumed?: readonly string[];
  readonly values: number;
  readonly tensors: Readonly<Record<string, TensorEntry>>;
}

/** `difface inspect <checkpoint>`: what a PyTorch file holds. */
export function addInspectCommand(program: Command): void {
  program
    .command('inspect')
    .description('shows what a PyTorch checkpoint holds, without running anything in it')
    .argument('<checkpoint>')
    .option('--json', 'print JSON')
    .action(async (path: string, { json }: { json?: true }) => {
      const found = await inspect(path);
      process.stdout.write(json === true ? JSON.stringify(found, null, 2) + '\n' : describe(found));
    });
}

async function inspect(path: string): Promise<Inspection> {
  const dict = await openStateDict(path);
  try {
    const recognised = recognise(dict.entries);
    return {
      path, format: dict.format, where: dict.where,
      architecture: titleOf(recognised),
      ...('params' in recognised ? { params: recognised.params, assumed: recognised.assumed } : {}),
      values: [...dict.entries.values()].reduce((sum, { shape }) => sum + shape.reduce((product, extent) => product * extent, 1), 0),
      tensors: Object.fromEntries(dict.entries),
    };
  } finally {
    await dict.close();
  }
}

const titles = {
  unet: 'ADM UNet (denoiser)', swinir: 'SwinIR (backbone)', retinaface: 'RetinaFace (face detector)', 'yolov5-face': 'YOLOv5-face (face detector)',
  parsenet: 'ParseNet (face parser)', rrdbnet: 'RRDBNet (upsampler)', lama: 'LaMa (inpainting)', unknown: 'not one this product knows',
} as const satisfies Record<Recognised['architecture'], string>;

function titleOf(recognised: Recognised): string {
  const title = titles[recognised.architecture];
  return 'variant' in recognised ? `${title}, ${recognised.variant}` : title;
}

function describe({ path, format, where, architecture, params, assumed = [], values, tensors }: Inspection): string {
  const rows = Object.entries(tensors).map(([key, { dtype, shape }]) => `  ${oneLine(key)}  ${dtype} (${shape.join(', ')})`);
  const details = Object.entries(params ?? {}).map(([name, value]) => `  ${name}: ${JSON.stringify(value)}${assumed.includes(name) ? ' (assumed)' : ''}\n`);
  return visible(`${path}\narchitecture: ${architecture}\n${details.join('')}format: ${format}, weights at ${oneLine(where)}\n${rows.length} tensors, ${values.toLocaleString('en-US')} values\n${rows.join('\n')}\n`);
}
