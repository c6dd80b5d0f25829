import type { Command } from 'commander';
import { openStateDict, type TensorEntry } from '../checkpoint/stateDict.ts';

interface Inspection {
  readonly path: string;
  readonly format: string;
  readonly where: string;
  readonly architecture: string;
  readonly parameters: number;
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
    return {
      path, format: dict.format, where: dict.where,
      architecture: architectureOf(new Set(dict.entries.keys())),
      parameters: [...dict.entries.values()].reduce((sum, { shape }) => sum + shape.reduce((product, extent) => product * extent, 1), 0),
      tensors: Object.fromEntries(dict.entries),
    };
  } finally {
    await dict.close();
  }
}

/** Keys that only one architecture has. */
const signs: readonly (readonly [string, string])[] = [
  ['input_blocks.0.0.weight', 'ADM UNet (denoiser)'],
  ['layers.0.residual_group.blocks.0.attn.relative_position_bias_table', 'SwinIR (backbone)'],
  ['ClassHead.0.conv1x1.weight', 'RetinaFace (face detector)'],
  ['out_mask_conv.conv2d.weight', 'ParseNet (face parser)'],
  ['body.0.rdb1.conv1.weight', 'RRDBNet (upsampler)'],
  ['model.1.ffc.convl2l.weight', 'LaMa (inpainting)'],
];

function architectureOf(keys: ReadonlySet<string>): string {
  return signs.find(([key]) => keys.has(key))?.[1] ?? 'not one this product knows';
}

function describe({ path, format, where, architecture, parameters, tensors }: Inspection): string {
  const rows = Object.entries(tensors).map(([key, { dtype, shape }]) => `  ${key}  ${dtype} (${shape.join(', ')})`);
  return `${path}\narchitecture: ${architecture}\nformat: ${format}, weights at ${where}\n${rows.length} tensors, ${parameters.toLocaleString('en-US')} values\n${rows.join('\n')}\n`;
}
