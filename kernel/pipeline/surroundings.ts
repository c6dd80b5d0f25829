import { availableParallelism } from 'node:os';
import { deviceName } from '../inference/device.ts';
import { hardwareOf } from '../inference/executionProviders.ts';
import { runtimeVersion } from '../inference/hostFacts.ts';
import { programVersion } from '../media/ffmpeg.ts';
import { pictureVersions } from '../media/versions.ts';
import { productVersion } from '../packageFolder.ts';
import type { Locked } from '../recipe/locked.ts';
import type { Engine } from './engine.ts';

/** Versions of all that has a hand in the pixels of a result. */
export async function versionsFor(kind: 'picture' | 'clip'): Promise<Locked['versions']> {
  return {
    difface: productVersion(), 'onnxruntime-node': runtimeVersion(), ...pictureVersions,
    ...(kind === 'clip' ? { ffmpeg: (await programVersion('ffmpeg')).replace(/^version /, '') } : {}),
    platform: `${process.platform} ${process.arch}`,
  };
}

/** Where an engine computes. */
export async function deviceOf({ device, numbers: { precision }, threads, batchSize }: Pick<Engine, 'device' | 'numbers' | 'threads' | 'batchSize'>): Promise<Locked['device']> {
  const card = await hardwareOf(device);
  return {
    name: deviceName(device), precision, ...(card === undefined ? {} : { card }), ...(threads === undefined || device.provider !== 'cpu' ? {} : { threads }), cores: availableParallelism(),
    ...(batchSize > 1 ? { batch: batchSize } : {}),
  };
}
