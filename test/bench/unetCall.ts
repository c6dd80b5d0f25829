/**
 * What one call of the full-size networks costs: conversion of checkpoints with official names and shapes and random values, then one call
 * of each at 512 px in ONNX Runtime, in turns with PyTorch where a Python has it, and with the machine's multiply-add peak where it has a C compiler.
 * Run by `npm run bench`.
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

const side = 512;
const threads = 2;
const rounds = 3;
/** Floating-point operations of one call at 512 px, two for each multiplication and addition (counted on the reference's layers). */
const networks = [
  { file: 'unet512', title: 'UNet', gflop: 378.3 },
  { file: 'swinir512', title: 'SwinIR', gflop: 181.5 },
] as const;

interface Conversion {
  readonly path: string;
  readonly seconds: number;
  readonly peakMiB: number;
}

async function main(): Promise<void> {
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
      const { own, torch, peak, difference } = await timeCalls(path, checkpoint, network, folder, python?.command);
      const speed = gflop / own;
      console.log(`${title}: one ${side} px call ${own.toFixed(2)} s, ${speed.toFixed(0)} GFLOP/s`
        + (peak === undefined ? '' : `, ${((100 * speed) / peak).toFixed(0)} % of the multiply-add peak of ${peak.toFixed(0)}`)
        + (torch === undefined ? '' : `; PyTorch ${torch.toFixed(2)} s, ${(torch / own).toFixed(2)} times as long; largest difference ${difference.toExponential(1)}`));
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
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
  const x = Float32Array.from({ length: 3 * side * side }, (_, i) => 0.5 + 0.5 * Math.sin(0.37 * i + 1e-5 * i * i));
  const [source, target] = [join(folder, 'x.f32'), join(folder, 'out.f32')];
  await writeFile(source, x);
  const other = python === undefined ? undefined : new LineProcess(python, [join(import.meta.dirname, 'torch_unet.py'), network.architecture, checkpoint, JSON.stringify(network.params), source, target, String(side), String(threads)]);
  const session = await openSession(path, { provider: 'cpu', threads });
  const feeds = { x: tensor(x, [1, 3, side, side]), ...(network.architecture === 'unet' ? { t: tensor(new Float32Array([396]), [1]) } : {}) };
  const processor = multiplyAddPeak(folder, threads);
  const [own, torch, peaks]: [number[], number[], number[]] = [[], [], []];
  let difference = NaN;
  for (let round = 0; round <= rounds; round++) {                      // the first round warms up
    const start = performance.now();
    const { out } = await session.run(feeds);
    own.push((performance.now() - start) / 1000);
    if (other !== undefined) torch.push(await other.measure());
    if (processor !== undefined) peaks.push(await processor.measure());
    if (other !== undefined && round === 0) difference = largestDifference(out!.data, floats(await readFile(target)));
  }
  other?.close();
  processor?.close();
  await session.release();
  return { own: Math.min(...own.slice(1)), torch: other === undefined ? undefined : Math.min(...torch.slice(1)), peak: processor === undefined ? undefined : Math.max(...peaks), difference };
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
await (request === undefined ? main() : convert(request));
