import { createHash } from 'node:crypto';
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { KernelFailure, messageOf } from '../failure.ts';
import type { SamplerRecipe } from '../diffusion/recipe.ts';
import type { Turn } from '../diffusion/walk.ts';
import { trimFolders } from '../media/trimFolders.ts';
import { cacheFolder } from '../packageFolder.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { KeptFiles } from './keptFiles.ts';
import type { Branch } from './walkTypes.ts';

/** Raised whenever states would be written or computed differently: what older versions kept is then not found, and goes when room is needed. */
const version = 1;
const branchFile = 'branches';

const branchesSchema = z.record(z.string(), z.array(z.object({
  name: z.string(),
  turns: z.array(z.object({ at: z.number(), sampler: z.enum(['ddim', 'ddpm', 'dpm++']), steps: z.number(), eta: z.number(), seed: z.number() })),
})));

/** What makes a walk the walk it is, beside its face: without turns it is a trunk, with them a branch of it. */
export interface WalkIdentity {
  readonly recipe: SamplerRecipe;
  readonly seed: number;
  readonly turns: readonly Turn[];
}

/**
 * All that is kept of the walks of one face: a folder with its input and estimate, and in it a folder for each walk. A walk with turns keeps only what comes after its last
 * turn; what was before belongs to the walk it turned from.
 */
export class FaceWalks {
  private static readonly holders = new Map<string, number>();

  private constructor(readonly folder: string, readonly files: KeptFiles) {}

  /**
   * The walks of a face are found by its pixels, the model that restores it (any plain value that names it) and whose noise it has: the same crop has the same walks,
   * whatever file it is in.
   */
  static async of(crop: Tensor, model: unknown, track: number): Promise<FaceWalks> {
    const hash = createHash('sha256').update(JSON.stringify([version, model, track, digestOf(crop)])).digest('hex');
    const folder = join(root(), hash.slice(0, 24));
    return new FaceWalks(folder, await KeptFiles.open(folder));
  }

  /** Removes what was used longest ago until the rest takes at most `limit` bytes; the names of branches stay. */
  static trim(limit: number): Promise<void> {
    return trimFolders(root(), { limit, inUse: (folder) => (FaceWalks.holders.get(folder) ?? 0) > 0, remove: removeStates });
  }

  static nameOf({ recipe, seed, turns }: WalkIdentity): string {
    return createHash('sha256').update(JSON.stringify([recipe, seed, turns.map(({ at, sampler, steps, eta, seed: own }) => [at, sampler, steps, eta, own])])).digest('hex').slice(0, 16);
  }

  states(identity: WalkIdentity): Promise<KeptFiles> {
    return KeptFiles.open(join(this.folder, FaceWalks.nameOf(identity)));
  }

  /** Keeps the folder from being removed. @returns what lets it go again */
  hold(): () => void {
    const { holders } = FaceWalks;
    holders.set(this.folder, (holders.get(this.folder) ?? 0) + 1);
    let held = true;
    return () => {
      if (held) holders.set(this.folder, (holders.get(this.folder) ?? 1) - 1);
      held = false;
    };
  }

  /** The named walks that turn away from a trunk, in the order they were named. */
  async branches(trunk: Omit<WalkIdentity, 'turns'>): Promise<readonly Branch[]> {
    return (await this.allBranches())[FaceWalks.nameOf({ ...trunk, turns: [] })] ?? [];
  }

  /**
   * Names a walk, or forgets it and all that grew from it.
   * @throws KernelFailure('output') when it cannot be written down
   */
  async nameBranch({ turns, ...trunk }: WalkIdentity, name: string | null): Promise<readonly Branch[]> {
    const key = FaceWalks.nameOf({ ...trunk, turns: [] });
    const all = await this.allBranches();
    const text = JSON.stringify(turns);
    const known = all[key] ?? [];
    const rest = name === null ? known.filter((branch) => JSON.stringify(branch.turns.slice(0, turns.length)) !== text) : known;
    const branches = name === null ? rest : rest.some((branch) => JSON.stringify(branch.turns) === text)
      ? rest.map((branch) => (JSON.stringify(branch.turns) === text ? { ...branch, name } : branch)) : [...rest, { name, turns }];
    try {
      await (await KeptFiles.open(this.folder)).write(branchFile, 'json', Buffer.from(JSON.stringify({ ...all, [key]: branches })));
    } catch (error) {
      throw notKept(error);
    }
    return branches;
  }

  private async allBranches(): Promise<Readonly<Record<string, readonly Branch[]>>> {
    const bytes = await (await KeptFiles.open(this.folder)).read(branchFile);
    const { data } = branchesSchema.safeParse(bytes && JSON.parse(bytes.toString()));
    return data ?? {};
  }
}

/** Crops that were looked at, by their pixels: a view asks for one again and again. */
const digests = new WeakMap<Tensor, string>();

function digestOf(crop: Tensor): string {
  const { data, shape } = crop;
  const digest = digests.get(crop) ?? createHash('sha256').update(shape.join()).update(new Uint8Array(data.buffer, data.byteOffset, data.byteLength)).digest('hex');
  digests.set(crop, digest);
  return digest;
}

/** @returns what a person should read when states cannot be kept */
export function notKept(error: unknown): KernelFailure {
  return new KernelFailure('output', `the states of the walk cannot be kept in the cache folder ${cacheFolder()} (${messageOf(error)}); make room there, or let DIFFACE_CACHE name another folder`, { cause: error });
}

function root(): string {
  return join(cacheFolder(), 'trajectories');
}

/** The states can be computed again; the names a person gave cannot. */
async function removeStates(folder: string): Promise<void> {
  const entries = await readdir(folder);
  const named = entries.filter((entry) => entry.startsWith(`${branchFile}.`));
  const removal = { recursive: true, force: true, maxRetries: 4, retryDelay: 50 } as const;
  if (named.length === 0) return rm(folder, removal);
  for (const entry of entries) if (!named.includes(entry)) await rm(join(folder, entry), removal);
}
