import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { KernelFailure } from '../failure.ts';
import { detectFaces, type DetectOptions } from '../faces/detector.ts';
import type { Face } from '../faces/face.ts';
import { InferenceClient } from '../inference/client.ts';
import { packageFolder } from '../packageFolder.ts';
import type { RgbImage } from '../tensor/rgbImage.ts';

/** The face detector in a process of its own, so that it never waits for a sampling loop. */
export class FaceDetector {
  private readonly client: InferenceClient;
  private ready: Promise<void> | undefined;

  constructor(background: boolean) {
    this.client = new InferenceClient({ provider: 'cpu', threads: 1, background });
  }

  async detect(image: RgbImage, options: DetectOptions): Promise<readonly Face[]> {
    this.ready ??= this.load();
    await this.ready;
    return detectFaces((name, x) => this.client.infer(name, { [name === 'blazeface' ? 'input' : 'input_1']: x }), image, options);
  }

  dispose(): void {
    this.client.dispose();
  }

  private async load(): Promise<void> {
    const folder = join(packageFolder(), 'dist', 'models');
    if (!existsSync(join(folder, 'blazeface.onnx'))) throw new KernelFailure('dependency', `the face detector is missing in ${folder}; run npm run build`);
    await this.client.load('blazeface', join(folder, 'blazeface.onnx'));
    await this.client.load('facemesh', join(folder, 'facemesh.onnx'));
  }
}
