import { cacheBytes } from '../pipeline/restoreFiles.ts';
import { RestorationStore } from '../pipeline/restorationStore.ts';
import { FaceWalks } from '../trajectory/walkStore.ts';

/** Removes what was kept longest ago: of restored faces more than `DIFFACE_CACHE_BYTES`, of states of walks more than `DIFFACE_TRAJECTORY_BYTES`, 4 GB each. What cannot be removed is left. */
export async function trimStores(): Promise<void> {
  await RestorationStore.trim(cacheBytes()).catch(() => undefined);
  const wish = Number(process.env['DIFFACE_TRAJECTORY_BYTES'] ?? '');
  await FaceWalks.trim(wish > 0 ? wish : 4e9).catch(() => undefined);
}
