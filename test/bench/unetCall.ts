/**
 * What one call of the full-size networks costs: conversion of checkpoints with official names and shapes and random values, then one call
 * of each at 512 px in ONNX Runtime, in turns with PyTorch where a Python has it, and with the machine's multiply-add peak where it has a C compiler.
 * Run by `npm run bench`; `npm run bench -- --profile` also prints where the time of a call goes, operator by operator.
 */
import { execFileSync } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { availableParallelism, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { openSession } from '../../kernel/inference/session.ts';
import { prepareModel } from '../../kernel/inference/modelStore.ts';
import { parseNetwork, type NetworkSpec } from '../../kernel/models/network.ts';
import { recognise } from '../../kernel/models/recognise.ts';
import { tensor } from '../../kernel/tensor/tensor.ts';
import { officialTensors } from '../models/officialKeys.ts';
import { writeRandomCheckpoint } from '../models/randomCheckpoint.ts';
import { largestDifference } from '../parity/fixture.ts';
import { LineProcess } from './lineProcess.ts';
import { multiplyAddPeak } from './multiplyAddPeak.ts';
import { operatorTimes } from './operatorTimes.ts';

const side = 512;
const threads = 2;
const rounds = 7;
/** Calls of which a node's shortest time is taken. */
const profiledRuns = 12;
/** Floating-point operations of one call at 512 px, two for each multiplication and addition (counted on the reference's layers). */
const networks = [
  { file: 'unet512', title: 'UNet', gflop: 378.3 },
  { file: 'swinir512', title: 'SwinIR', gflop: 181.5 },
] as const;

/** GFLOP/s, once a round; none without a C compiler. */
interface Peaks {
  readonly widest: readonly number[];
  readonly avx2: readonly number[];
}

interface Conversion {
  readonly path: string;
  readonly seconds: number;
  readonly peakMiB: number;
}

async function main(profiling: boolean): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'difface-bench-'));
  try {
    console.log(`${availableParallelism()} CPUs, load ${loadavg()[0]!.toFixed(1)} before the start: on a busy machine the times say little`);
    const python = pythonWithTorch();
    console.log(python === undefined ? 'PyTorch: no python3 with torch found' : `PyTorch ${python.version} beside ONNX Runtime, ${threads} threads each, in turns, best of ${rounds}`);
    const prepared = [];                                               // before any model is loaded: a child's peak counts its parent's memory at the fork
    for (const { file, title, gflop } of networks) {
      const checkpoint = join(folder, `${file}.pth`);
      const tensors = await officialTensors(file);
      await writeRandomCheckpoint(checkpoint, tensors);
      const recognised = recognise(new Map(tensors.map((spec) => [spec.key, spec])));
      if (recognised.architecture !== 'unet' && recognised.architecture !== 'swinir') throw new Error(`${file} was recognised as ${recognised.architecture}`);
      const network = parseNetwork(recognised.architecture, recognised.params);
      const { path, seconds, peakMiB } = convertInChild(checkpoint, network, folder);
      console.log(`${title}: converted in ${seconds.toFixed(1)} s, peak ${peakMiB.toFixed(0)} MiB`);
      prepared.push({ title, gflop, checkpoint, network, path });
    }
    for (const { title, gflop, checkpoint, network, path } of prepared) {
      const { own, torch, peaks, difference } = await timeCalls(path, checkpoint, network, folder, python?.command);
      const best = Math.min(...own);
      const speed = gflop / best;
      console.log(`${title}: one ${side} px call ${best.toFixed(2)} s (to ${Math.max(...own).toFixed(2)} s), ${speed.toFixed(0)} GFLOP/s`
        + peakWords(speed, peaks)
        + (torch.length === 0 ? '' : `; PyTorch ${Math.min(...torch).toFixed(2)} s, ${(Math.min(...torch) / best).toFixed(2)} times as long; largest difference ${difference.toExponential(1)}`));
      if (profiling) await printProfile(path, network, gflop);
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** The share of the peak of the widest registers, and where those are wider than AVX2's, of the peak with AVX2: its share can be compared with processors that have no wider ones. */
function peakWords(speed: number, { widest, avx2 }: Peaks): string {
  if (widest.length === 0) return '';
  const best = Math.max(...widest);
  const narrow = Math.max(...avx2, 0);
  return `, ${((100 * speed) / best).toFixed(0)} % of the multiply-add peak of ${best.toFixed(0)} (from ${Math.min(...widest).toFixed(0)} while others used the processor)`
    + (narrow > 0 && best > 1.2 * narrow ? `, ${((100 * speed) / narrow).toFixed(0)} % of the ${narrow.toFixed(0)} that AVX2 reaches` : '');
}

/** Converts in a process of its own, whose peak memory is the conversion's. */
function convertInChild(checkpoint: string, network: NetworkSpec, cacheFolder: string): Conversion {
  const request = JSON.stringify({ checkpoint, network, height: side, width: side, batch: 1, precision: 'fp32', cacheFolder });
  return JSON.parse(execFileSync(process.execPath, ['--import', 'tsx', import.meta.filename, request], { encoding: 'utf8' })) as Conversion;
}

async function convert(request: string): Promise<void> {
  const start = performance.now();
  const path = await prepareModel(JSON.parse(request) as Parameters<typeof prepareModel>[0]);
  const result: Conversion = { path, seconds: (performance.now() - start) / 1000, peakMiB: process.resourceUsage().maxRSS / 1024 };
  console.log(JSON.stringify(result));
}

async function timeCalls(path: string, checkpoint: string, network: NetworkSpec, folder: string, python: string | undefined) {
  const feeds = feedsOf(network);
  const x = feeds.x.data;
  const [source, target] = [join(folder, 'x.f32'), join(folder, 'out.f32')];
  await writeFile(source, x);
  const other = python === undefined ? undefined : new LineProcess(python, [join(import.meta.dirname, 'torch_unet.py'), network.architecture, checkpoint, JSON.stringify(network.params), source, target, String(side), String(threads)]);
  const session = await openSession(path, { provider: 'cpu', threads });
  const [processor, narrow] = [multiplyAddPeak(folder, threads), multiplyAddPeak(folder, threads, 8)];
  const [own, torch, widest, avx2]: [number[], number[], number[], number[]] = [[], [], [], []];
  let difference = NaN;
  for (let round = 0; round <= rounds; round++) {                      // the first round warms up
    const start = performance.now();
    const { out } = await session.run(feeds);
    own.push((performance.now() - start) / 1000);
    if (other !== undefined) torch.push(await other.measure());
    if (processor !== undefined) widest.push(await processor.measure());
    if (narrow !== undefined) avx2.push(await narrow.measure());
    if (other !== undefined && round === 0) difference = largestDifference(out!.data, floats(await readFile(target)));
  }
  other?.close();
  processor?.close();
  narrow?.close();
  await session.release();
  return { own: own.slice(1), torch: torch.slice(1), peaks: { widest, avx2 }, difference };
}

function feedsOf({ architecture }: NetworkSpec) {
  const x = Float32Array.from({ length: 3 * side * side }, (_, i) => 0.5 + 0.5 * Math.sin(0.37 * i + 1e-5 * i * i));
  return { x: tensor(x, [1, 3, side, side]), ...(architecture === 'unet' ? { t: tensor(new Float32Array([396]), [1]) } : {}) };
}

/** What each operator takes, and how fast the products are: the convolutions alone bound what any order of nodes can reach. */
async function printProfile(path: string, network: NetworkSpec, gflop: number): Promise<void> {
  const times = await operatorTimes(path, feedsOf(network), threads, profiledRuns);
  const total = times.reduce((sum, { seconds }) => sum + seconds, 0);
  console.log(`  ${(1000 * total).toFixed(0)} ms in all nodes, each at its best of ${profiledRuns}: ${(gflop / total).toFixed(0)} GFLOP/s`);
  for (const { operator, nodes, seconds, gflop: work } of times.filter(({ seconds: time }) => time > 0.002 * total)) {
    console.log(`  ${(1000 * seconds).toFixed(1).padStart(8)} ms ${((100 * seconds) / total).toFixed(0).padStart(3)} %  ${String(nodes).padStart(4)} ${operator}${work === 0 ? '' : `, ${(work / seconds).toFixed(0)} GFLOP/s`}`);
  }
}

function pythonWithTorch(): { readonly command: string; readonly version: string } | undefined {
  for (const command of ['python3', '/usr/bin/python3']) {
    try {
      return { command, version: execFileSync(command, ['-c', 'import torch; print(torch.__version__)'], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim() };
    } catch {
      continue;
    }
  }
  return undefined;
}

function floats(bytes: Buffer): Float32Array {
  return new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength));
}

const [request] = process.argv.slice(2);
await (request === undefined || request === '--profile' ? main(request === '--profile') : convert(request));
