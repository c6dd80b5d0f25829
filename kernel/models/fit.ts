import { KernelFailure } from '../failure.ts';
import type { Module } from '../nn/module.ts';

/** What a checkpoint says about each of its tensors. */
export type Entries = ReadonlyMap<string, { readonly shape: readonly number[] }>;

/** Tensors that are stored beside the parameters but are computed here. */
const buffers = /(^|\.)(relative_position_index|attn_mask|num_batches_tracked)$/;
/** Names of each kind that a message lists before it says how many more there are. */
const listed = 8;

/**
 * Checks that a checkpoint holds exactly the parameters of a network.
 * @throws KernelFailure('checkpoint') with every kind of difference in one message: missing, mis-shaped and unexpected keys, by name
 */
export function checkFit(path: string, network: Module, networkName: string, entries: Entries): void {
  const missing: string[] = [];
  const misshaped: string[] = [];
  const expected = new Set<string>();
  for (const { key, shape } of network.parameters()) {
    expected.add(key);
    const found = entries.get(key)?.shape;
    if (found === undefined) missing.push(key);
    else if (found.join() !== shape.join()) misshaped.push(`${key} is (${found.join(', ')}) instead of (${shape.join(', ')})`);
  }
  const unexpected = [...entries.keys()].filter((key) => !expected.has(key) && !buffers.test(key));
  const problems = [list('missing', missing), list('of another shape', misshaped), list('unexpected', unexpected)].filter((problem) => problem !== '');
  if (problems.length === 0) return;
  throw new KernelFailure('checkpoint', `${path} does not fit the configured ${networkName}. ${problems.join(' ')} Check that the file and the configuration belong together ("difface inspect" shows what the file holds).`);
}

function list(what: string, names: readonly string[]): string {
  if (names.length === 0) return '';
  const rest = names.length > listed ? `, and ${names.length - listed} more` : '';
  return `${names.length} ${what}: ${names.slice(0, listed).join(', ')}${rest}.`;
}
