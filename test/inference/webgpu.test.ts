import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'mocha';
import { InferenceClient } from '../../kernel/inference/client.ts';
import { hardwareOf } from '../../kernel/inference/device.ts';
import { prepareModel } from '../../kernel/inference/modelStore.ts';
import { relativeDifference, tolerances, tryDevice } from '../../kernel/inference/trial.ts';
import { parseNetwork } from '../../kernel/models/network.ts';
import { findProgram } from '../../kernel/media/ffmpeg.ts';
import { EnginePool, type DeviceFailure } from '../../kernel/pipeline/enginePool.ts';
import { restoreFiles } from '../../kernel/pipeline/restoreFiles.ts';
import type { Tensor } from '../../kernel/tensor/tensor.ts';
import { findModel } from '../../kernel/weights/catalog.ts';
import { inFolder, root } from '../cli/command.ts';
import { pictureOf, sampleNetwork } from './sampleNetwork.ts';
import { vulkanDriver } from './vulkanDriver.ts';

/** Shaders are compiled in software first. */
const patience = 280_000;
const side = 32;

describe('WebGPU', function () {
  this.timeout(300_000);
  const variables = { cache: process.env['DIFFACE_CACHE'], names: process.env['VK_ICD_FILENAMES'] };
  let cacheFolder: string;
  before(async function () {
    const driver = vulkanDriver();
    if ('missing' in driver) {
      console.log(`      skipped: ${driver.missing}`);
      this.skip();
    }
    process.env['VK_ICD_FILENAMES'] = driver.manifest;                   // inference processes inherit it
    cacheFolder = await mkdtemp(join(tmpdir(), 'difface-webgpu-'));
    process.env['DIFFACE_CACHE'] = cacheFolder;
  });
  after(async () => {
    if (variables.names === undefined) delete process.env['VK_ICD_FILENAMES'];
    else process.env['VK_ICD_FILENAMES'] = variables.names;
    if (variables.cache === undefined) delete process.env['DIFFACE_CACHE'];
    else process.env['DIFFACE_CACHE'] = variables.cache;
    if (cacheFolder) await rm(cacheFolder, { recursive: true, force: true });
  });

  it('passes its trial with both networks in both types of numbers', async () => {
    const { float32, float16 } = await tryDevice({ provider: 'webgpu', index: 0 }, patience);
    assert.ok(float32.passed && float16.passed, JSON.stringify({ float32, float16 }));
    console.log(`      trial: off by ${float32.difference.toExponential(1)} in float32, ${float16.difference.toExponential(1)} in float16`);
  });

  it('that fails in the middle of a clip is left for the CPU when that is agreed to; frames that were done are not done again', () => inFolder(async (folder) => {
    const clip = join(folder, 'a.mp4');
    execFileSync(await findProgram('ffmpeg'), ['-v', 'error', '-i', join(root, 'samples', 'clip.mp4'), '-frames:v', '4', '-an', clip]);
    const request = { model: 'sample', sampler: 'ddim', start: 2, steps: 2, faces: 'largest' } as const;
    const wish = { model: await findModel('sample'), device: 'webgpu', precision: undefined } as const;
    const failures: DeviceFailure[] = [];
    const engines = new EnginePool({ threads: 1, batch: 1, onDeviceFailure: (failure) => { failures.push(failure); return Promise.resolve(true); } });
    try {
      const doomed = await engines.engine(wish);
      assert.equal(doomed.numbers.provider, 'webgpu');
      const frames: number[] = [];
      let ended = false;
      const [result] = await restoreFiles([clip], request, {
        device: 'webgpu', signal: new AbortController().signal, engines,
        onProgress: (progress) => {
          if (progress.stage !== 'restoring' || progress.step !== 1) return;
          frames.push(progress.frame);
          if (progress.frame === 2 && !ended) {
            ended = true;
            process.kill(doomed.restorerPid!, 'SIGSEGV');
          }
        },
      });
      assert.ok(result?.status === 'restored', JSON.stringify(result));
      assert.deepEqual(failures.map(({ device, next }) => [device, next]), [['webgpu', 'cpu']]);
      assert.match(failures[0]!.reason, /SIGSEGV/);
      assert.deepEqual(frames, [0, 1, 2, 2, 3]);
      assert.match(result.notes.join(), /webgpu failed .* on cpu/);
    } finally {
      engines.dispose();
    }
  }));

  for (const [precision, type] of [['float32', 'fp32'], ['float16', 'fp16']] as const) {
    it(`runs the sample's UNet in ${precision} and agrees with the CPU`, async () => {
      const { checkpoint, architecture, params } = await sampleNetwork('denoiser');
      const run = async (provider: 'cpu' | 'webgpu', as: 'fp32' | 'fp16'): Promise<Tensor> => {
        const path = await prepareModel({ checkpoint, network: parseNetwork(architecture, params), batch: 1, height: side, width: side, precision: as, hardware: hardwareOf(provider), cacheFolder });
        const client = new InferenceClient({ provider, threads: 1, precision });
        try {
          await client.load('unet', path);
          return (await client.infer('unet', pictureOf('denoiser', 1, side)))['out']!;
        } finally {
          client.dispose();
        }
      };
      const difference = relativeDifference(await run('webgpu', type), await run('cpu', 'fp32'));
      console.log(`      off by ${difference.toExponential(1)}`);
      assert.ok(difference > 0 && difference < tolerances[precision], `${difference}`);
    });
  }
});
