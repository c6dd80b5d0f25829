import { execFile } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

/** A card of NVIDIA as its driver names it. */
export interface NvidiaCard {
  readonly name: string;
  /** '' where nobody says. */
  readonly driver: string;
  /** `GPU-` and a number that no other card has; '' where nobody says. */
  readonly uuid: string;
  /** Of the card itself; undefined where the driver does not say, or says what cannot be true. */
  readonly memoryBytes?: number;
  readonly freeBytes?: number;
}

/** What makes CUDA count cards as `nvidia-smi` does, by their places on the bus; otherwise the fastest is its first. */
export const cudaOrder = { CUDA_DEVICE_ORDER: 'PCI_BUS_ID' } as const;

const run = promisify(execFile);

/** All cards in the order of their places on the bus, with their memory, as `nvidia-smi` says; without it, by what the Linux driver lists. */
export async function nvidiaCards(): Promise<readonly NvidiaCard[]> {
  try {
    const { stdout } = await run('nvidia-smi', ['--query-gpu=name,driver_version,uuid,memory.total,memory.free', '--format=csv,noheader,nounits'], { timeout: 20_000, windowsHide: true });
    return parseNvidiaSmi(stdout);
  } catch {
    const folder = '/proc/driver/nvidia/gpus';
    const cards = await Promise.all((await readdir(folder).catch(() => [])).sort().map((card) => readFile(join(folder, card, 'information'), 'utf8').catch(() => '')));
    return cards.map((told) => ({ name: /^Model:\s*(.+)$/m.exec(told)?.[1]?.trim() ?? 'NVIDIA', driver: '', uuid: /^GPU UUID:\s*(GPU-\S+)$/m.exec(told)?.[1] ?? '' }));
  }
}

/** The cards that CUDA may use, as it counts them in the inference processes. */
export async function cudaCards(): Promise<readonly NvidiaCard[]> {
  return visibleToCuda(await nvidiaCards(), process.env['CUDA_VISIBLE_DEVICES']);
}

/**
 * Those that CUDA_VISIBLE_DEVICES leaves, in its order: numbers, unambiguous beginnings of UUIDs, or parts of cards (MIG). What is behind an entry that names none is not visible
 * (CUDA C++ Programming Guide, "CUDA Environment Variables").
 * @param wish undefined where the variable is not set: then all are
 */
export function visibleToCuda(cards: readonly NvidiaCard[], wish: string | undefined): readonly NvidiaCard[] {
  if (wish === undefined) return cards;
  const visible: NvidiaCard[] = [];
  for (const entry of wish.split(',').map((part) => part.trim())) {
    const card = named(cards, entry);
    if (!card || visible.includes(card)) break;
    visible.push(card);
  }
  return visible;
}

function named(cards: readonly NvidiaCard[], entry: string): NvidiaCard | undefined {
  if (/^\d+$/.test(entry)) return cards[Number(entry)];
  const part = /^MIG-(GPU-[^/]+)?/.exec(entry);
  // how much of its card's memory a part has nobody says here
  if (part) return { name: `${cards.find(({ uuid }) => uuid === part[1])?.name ?? 'NVIDIA'} (${entry})`, driver: cards[0]?.driver ?? '', uuid: entry };
  const found = entry.startsWith('GPU-') ? cards.filter(({ uuid }) => uuid.startsWith(entry)) : [];
  return found.length === 1 ? found[0] : undefined;
}

/** @param csv lines of name, driver, UUID, total and free memory in MiB */
export function parseNvidiaSmi(csv: string): readonly NvidiaCard[] {
  return csv.split('\n').map((line) => line.split(',').map((part) => part.trim())).filter(([name]) => name !== undefined && name !== '').map(([name, driver, uuid, total, free]) => ({
    name: name!, driver: driver ?? '', uuid: uuid ?? '', ...mebibytes('memoryBytes', total), ...mebibytes('freeBytes', free),
  }));
}

function mebibytes(field: 'memoryBytes' | 'freeBytes', text: string | undefined): Partial<NvidiaCard> {
  const value = Number(text ?? '');
  return value > 0 ? { [field]: value * 2 ** 20 } : {};
}
