import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { KernelFailure } from '../failure.ts';
import { detectFaces, type DetectOptions } from '../faces/detector.ts';
import type { Face } from '../faces/face.ts';
import { detectAtWorkingSize, type FindFaces } from '../faces/networkDetection.ts';
import { retinaFace } from '../faces/retinaFace.ts';
import { yoloFace } from '../faces/yoloFace.ts';
import { InferenceClient } from '../inference/client.ts';
import { packageFolder } from '../packageFolder.ts';
import { SharedLoads } from '../sharedLoads.ts';
import type { RgbImage } from '../tensor/rgbImage.ts';
import type { DetectorName, NetworkDetector } from '../weights/detectorNames.ts';
import { detectorNetworks } from '../weights/detectors.ts';
import { loadableNetworkFile } from '../weights/officialNetwork.ts';
import { prepareBeside } from './preparedNetworks.ts';

/** Finds faces in one way. */
export interface FaceFinder {
  readonly detector: DetectorName;
  /** @returns faces in reading order */
  detect(image: RgbImage, options: DetectOptions): Promise<readonly Face[]>;
}

export interface FaceDetectorOptions {
  readonly background: boolean;
  /** Of the networks that have to be installed; one for each core where absent. */
  readonly threads?: number;
}

/** The face detectors, in processes of their own, so that they never wait for a sampling loop. */
export class FaceDetector {
  /** The built-in networks are small: more threads would only wait for each other. */
  private readonly small: InferenceClient;
  private readonly large: InferenceClient;
  private readonly loaded = new SharedLoads<void>();

  constructor({ background, threads }: FaceDetectorOptions) {
    this.small = new InferenceClient({ provider: 'cpu', threads: 1, background });
    this.large = new InferenceClient({ provider: 'cpu', background, ...(threads === undefined ? {} : { threads }) });
  }

  finder(detector: DetectorName): FaceFinder {
    return { detector, detect: (image, options) => this.detect(detector, image, options) };
  }

  dispose(): void {
    this.small.dispose();
    this.large.dispose();
  }

  private async detect(detector: DetectorName, image: RgbImage, options: DetectOptions): Promise<readonly Face[]> {
    if (detector === 'auto') {
      const faces = await this.detect('retinaface', image, options);
      return faces.length > 0 ? faces : this.detect('builtin', image, options);
    }
    await this.loaded.get(detector, (signal) => (detector === 'builtin' ? this.loadBuiltin() : this.loadNetwork(detector, signal)), options.signal);
    if (detector === 'builtin') return detectFaces((name, x) => this.small.infer(name, { [name === 'blazeface' ? 'input' : 'input_1']: x }), image, options);
    return detectAtWorkingSize(this.network(detector), image, options);
  }

  private network(detector: NetworkDetector): FindFaces {
    const { architecture } = detectorNetworks[detector];
    const levels = [0, 1, 2];
    switch (architecture) {
      case 'retinaface': return (picture) => retinaFace(async (x) => {
        const maps = await this.large.infer(detector, { x });
        return levels.map((level) => ({ scores: maps[`scores${level}`]!, boxes: maps[`boxes${level}`]!, landmarks: maps[`landmarks${level}`]! }));
      }, picture);
      case 'yolov5-face': return (picture) => yoloFace(async (x) => {
        const maps = await this.large.infer(detector, { x });
        return { levels: levels.map((level) => maps[`raw${level}`]!), anchors: maps['anchors']! };
      }, picture);
      default: return architecture satisfies never;
    }
  }

  private async loadBuiltin(): Promise<void> {
    const folder = join(packageFolder(), 'dist', 'models');
    if (!existsSync(join(folder, 'blazeface.onnx'))) throw new KernelFailure('dependency', `the face detector is missing in ${folder}; run npm run build`);
    await this.small.load('blazeface', join(folder, 'blazeface.onnx'));
    await this.small.load('facemesh', join(folder, 'facemesh.onnx'));
  }

  private async loadNetwork(detector: NetworkDetector, signal: AbortSignal): Promise<void> {
    const { id, architecture } = detectorNetworks[detector];
    await this.large.load(detector, await prepareBeside(await loadableNetworkFile(id), architecture, { signal }));
  }
}
