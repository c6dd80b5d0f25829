import { InvalidArgumentError, Option, type Command } from 'commander';
import { KernelFailure } from '../failure.ts';
import { officialModelInstalled } from '../weights/catalog.ts';
import { detectorChoices } from '../weights/detectorNames.ts';
import { samplerKinds } from '../weights/model.ts';
import { backgroundKinds, defaultSeed, defaultSuffix, maskKinds, type FaceChoice, type RestoreRequest } from '../recipe/restoreOptions.ts';
import { restoreFiles } from '../pipeline/restoreFiles.ts';
import type { FileResult } from '../pipeline/progress.ts';
import { addDeviceOptions, deviceFallback, type DeviceFlags } from './deviceOptions.ts';
import { interruptSignal } from './interrupt.ts';
import { numberBetween, wholeNumber } from './numbers.ts';
import { progressLine, type ProgressLine } from './progressLine.ts';
import { visible } from './visible.ts';

interface RestoreFlags extends RestoreRequest, DeviceFlags {
  readonly batch?: number;
  readonly json?: true;
  readonly lockfile: boolean;
}

/** `difface restore <files or folders...>` */
export function addRestoreCommand(program: Command): void {
  addDeviceOptions(program.command('restore'))
    .description('restores the faces of pictures and clips; results are written beside the originals as name.restored.ext')
    .argument('<paths...>', 'pictures, clips, or folders (recursive)')
    .option('--model <name>', "'sample' (drawn faces only), 'difface' (official weights, see 'difface weights'), a folder with a model.json, or 'identity'")
    .option('-o, --output <folder>', 'folder for the results (default: beside each original)')
    .addOption(new Option('--sampler <name>', "how to walk back from the diffused estimate (default: the model's own)").choices([...samplerKinds]))
    .option('--start <index>', "step of the respaced chain to which the estimate is diffused (default: 100 of 250 for 'difface', else the model's own)", wholeNumber(1, 1000))
    .option('--steps <count>', "network calls from the start to 0 (default: the model's own)", wholeNumber(1, 1000))
    .option('--eta <number>', 'ddim only: 0 deterministic .. 1 as noisy as ddpm (default: 0.5)', numberBetween(0, 1))
    .option('--seed <number>', 'seed of all noise', wholeNumber(0, 2 ** 32 - 1), defaultSeed)
    .option('--faces <which>', "'all', 'largest', or numbers such as 1,3 in reading order (of a clip: order of appearance)", faceChoice, 'all' as FaceChoice)
    .addOption(new Option('--detector <name>', "what finds the faces: 'auto' takes retinaface where its weights are installed, and builtin where that finds none").choices([...detectorChoices]).default('auto'))
    .option('--strength <number>', 'how much of the restored face is blended in: 0 none .. 1 all of it (default: 1)', numberBetween(0, 1))
    .addOption(new Option('--mask <which>', "which pixels of a face are pasted: 'parsing' (the face's parts, as the published method; needs ParseNet), 'oval', or 'auto': parsing where it is installed").choices([...maskKinds]))
    .option('--upscale <factor>', 'size of the result: 1, or 2 for twice as large', wholeNumber(1, 2))
    .addOption(new Option('--background <how>', "what stands behind the faces: 'plain' (the picture itself), 'realesrgan', or 'auto': realesrgan where it is installed and the result is enlarged").choices([...backgroundKinds]))
    .option('--match-colours', 'give restored faces the colours they have in the picture')
    .option('--suffix <word>', "what stands between a result's name and its extension", defaultSuffix)
    .option('--aligned', 'each picture is one aligned face crop: nothing is detected or pasted')
    .option('--trajectory', 'also keep the states of the walk (x_t and predX0) as pictures and .npy beside the result')
    .option('--backbone-only', 'stop after the backbone; its estimate is the result')
    .option('--independent-noise', 'clips: draw new noise for every frame (shows the flicker that shared noise avoids)')
    .option('--codec <name>', "clips: video codec of the result, such as h264, hevc, vp9, av1 (default: the source's)")
    .addOption(new Option('--precision <name>', "numbers the networks compute in; 'auto': float16 on a graphics card that passed its trial with them, else float32").choices(['auto', 'float32', 'float16']).default('auto'))
    .option('--batch <count>', "most faces computed at once (default: 1 on a CPU, else by the device's memory)", wholeNumber(1, 64))
    .option('--no-lockfile', "write no recipe beside a result; 'difface replay' makes a result again by it")
    .option('--json', 'print the results as JSON on standard output')
    .action(async (paths: string[], flags: RestoreFlags) => {
      process.exitCode = await restore(paths, flags);
    });
}

async function restore(paths: readonly string[], flags: RestoreFlags): Promise<number> {
  const { device, deviceFallback: fallback, threads, batch, json, lockfile, ...request } = flags;
  const interrupt = interruptSignal();
  const results: FileResult[] = [];
  let line: ProgressLine | undefined;
  try {
    await restoreFiles(paths, request, {
      device, lockfile,
      ...(threads === undefined ? {} : { threads }),
      ...(batch === undefined ? {} : { batch }),
      onDeviceFailure: deviceFallback(fallback),
      signal: interrupt.signal,
      onStart: (path) => {
        line = progressLine(path);
      },
      onProgress: (progress) => line?.show(progress),
      onNote: (note) => {
        process.stderr.write(note + '\n');
      },
      onResult: (result) => {
        line?.stop();
        line = undefined;
        results.push(result);
        if (json !== true) (result.status === 'failed' ? process.stderr : process.stdout).write(visible(describe(result)) + '\n');
      },
    });
  } catch (error) {
    line?.stop();
    if (json === true) printJson(results, error);
    throw error;
  } finally {
    interrupt.dispose();
  }
  if (json === true) printJson(results);
  else if (results.length > 1) process.stdout.write(summary(results) + '\n');
  const failures = results.flatMap((result) => (result.status === 'failed' ? [result.kind] : []));
  if (failures.length === 0) return 0;
  return failures.every((kind) => kind === 'usage') ? 2 : 1;
}

/** One sentence for a person. */
function describe(result: FileResult): string {
  switch (result.status) {
    case 'restored': {
      const faces = `${result.faces.length} ${result.faces.length === 1 ? 'face' : 'faces'}`;
      const notes = result.notes.map((note) => `\n  ${note}`).join('');
      const states = result.trajectory === undefined ? '' : `\n  states in ${result.trajectory}`;
      return `${result.output}: ${faces} restored in ${result.seconds.toFixed(1)} s${states}${notes}`;
    }
    case 'no face':
      return `${result.input}: no face found, nothing written`;
    case 'skipped':
      return `${result.input}: skipped, ${result.why}`;
    case 'failed':
      return `difface: ${result.message}${result.stack === undefined ? '' : `\n${result.stack}`}`;
    default:
      return result satisfies never;
  }
}

function summary(results: readonly FileResult[]): string {
  const count = (status: FileResult['status']): number => results.filter((result) => result.status === status).length;
  return `${count('restored')} restored, ${count('no face')} without a face, ${count('skipped')} skipped, ${count('failed')} failed`;
}

function printJson(results: readonly FileResult[], error?: unknown): void {
  const failure = error instanceof KernelFailure ? { failure: { kind: error.kind, message: error.message } } : {};
  process.stdout.write(JSON.stringify({ officialWeightsInstalled: officialModelInstalled(), results, ...failure }, null, 2) + '\n');
}

function faceChoice(text: string): FaceChoice {
  if (text === 'all' || text === 'largest') return text;
  const numbers = text.split(',').map((part) => Number(part));
  if (!numbers.every((number) => Number.isInteger(number) && number >= 1)) throw new InvalidArgumentError("'all', 'largest' or numbers such as 1,3 are expected");
  return numbers;
}
