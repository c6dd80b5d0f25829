import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { InferenceSession, Tensor as OrtTensor } from 'onnxruntime-node';
import type { Tensor } from '../../kernel/tensor/tensor.ts';

/** All nodes of one operator in one call of a network. */
export interface OperatorTime {
  readonly operator: string;
  readonly nodes: number;
  readonly seconds: number;
  /** Floating-point operations, two for each multiplication and addition, with the channels that the runtime pads; 0 where the operator is no product. */
  readonly gflop: number;
}

interface NodeTime {
  readonly operator: string;
  readonly gflop: number;
  seconds: number;
}

interface TraceEvent {
  readonly cat: string;
  readonly name: string;
  /** Microseconds. */
  readonly dur: number;
  readonly args: { readonly op_name: string; readonly input_type_shape?: readonly Record<string, readonly number[]>[]; readonly output_type_shape?: readonly Record<string, readonly number[]>[] };
}

/** Where one call spends its time, by ONNX Runtime's own profile: the shortest time of each node over `runs` calls, so that other programs count little. */
export async function operatorTimes(path: string, feeds: Readonly<Record<string, Tensor>>, threads: number, runs: number): Promise<readonly OperatorTime[]> {
  const folder = await mkdtemp(join(tmpdir(), 'difface-profile-'));
  try {
    const session = await InferenceSession.create(path, { executionProviders: ['cpu'], intraOpNumThreads: threads, logSeverityLevel: 3, enableProfiling: true, profileFilePrefix: join(folder, 'profile') });
    const inputs = Object.fromEntries(Object.entries(feeds).map(([name, { data, shape }]) => [name, new OrtTensor('float32', data, shape)]));
    for (let run = 0; run < runs; run++) await session.run(inputs);
    session.endProfiling();
    await session.release();
    const [file] = await readdir(folder);
    return summed(JSON.parse(await readFile(join(folder, file!), 'utf8')) as readonly TraceEvent[]);
  } finally {
    await rm(folder, { recursive: true });
  }
}

function summed(events: readonly TraceEvent[]): readonly OperatorTime[] {
  const nodes = new Map<string, NodeTime>();
  for (const event of events) {
    if (event.cat !== 'Node' || !event.name.endsWith('_kernel_time')) continue;
    const node = nodes.get(event.name) ?? { operator: event.args.op_name, gflop: gflopOf(event), seconds: Infinity };
    node.seconds = Math.min(node.seconds, 1e-6 * event.dur);
    nodes.set(event.name, node);
  }
  const operators = new Map<string, NodeTime[]>();
  for (const node of nodes.values()) operators.set(node.operator, [...operators.get(node.operator) ?? [], node]);
  return [...operators].map(([operator, all]) => ({
    operator,
    nodes: all.length,
    seconds: all.reduce((sum, { seconds }) => sum + seconds, 0),
    gflop: all.reduce((sum, { gflop }) => sum + gflop, 0),
  })).sort((a, b) => b.seconds - a.seconds);
}

function gflopOf({ args: { op_name, input_type_shape = [], output_type_shape = [] } }: TraceEvent): number {
  const [inputs, outputs] = [input_type_shape, output_type_shape].map((types) => types.map((type) => Object.values(type)[0]!)) as [(readonly number[])[], (readonly number[])[]];
  const size = (shape: readonly number[]): number => shape.reduce((product, extent) => product * extent, 1);
  switch (op_name) {
    case 'Conv': return 2e-9 * size(outputs[0]!) * size(inputs[1]!.slice(1));
    case 'Gemm': return 2e-9 * size(outputs[0]!) * inputs[0]!.at(-1)!;
    // (..., M, K) times (..., K, N) in any layout: sizes M K, K N and M N, so that the product of all three is (M K N)²
    case 'MatMul': case 'FusedMatMul': {
      const batch = size(outputs[0]!.slice(0, -2));
      return 2e-9 * batch * Math.sqrt([inputs[0]!, inputs[1]!, outputs[0]!].reduce((product, shape) => product * size(shape.slice(-2)), 1));
    }
    default: return 0;
  }
}
