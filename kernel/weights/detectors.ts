import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { KernelFailure } from '../failure.ts';
import { weightsFolder } from '../packageFolder.ts';

/** What finds faces: `auto` takes the reference's own where its weights are installed, else the one that is built in. */
export const detectorChoices = ['auto', 'builtin', 'retinaface', 'retinaface-mobilenet', 'yolov5l', 'yolov5n'] as const;
export type DetectorChoice = (typeof detectorChoices)[number];
export type DetectorName = Exclude<DetectorChoice, 'auto'>;
export type NetworkDetector = Exclude<DetectorName, 'builtin'>;

/** The weights of each detector that has to be installed, and the network in them. */
export const detectorWeights = {
  retinaface: { file: 'detection_Resnet50_Final.pth', architecture: 'retinaface' },
  'retinaface-mobilenet': { file: 'detection_mobilenet0.25_Final.pth', architecture: 'retinaface' },
  yolov5l: { file: 'yolov5l-face.pth', architecture: 'yolov5-face' },
  yolov5n: { file: 'yolov5n-face.pth', architecture: 'yolov5-face' },
} as const satisfies Record<NetworkDetector, { readonly file: string; readonly architecture: 'retinaface' | 'yolov5-face' }>;

/** Path of a detector's weights, whether they are there or not. */
export function detectorFile(name: NetworkDetector): string {
  return join(weightsFolder(), detectorWeights[name].file);
}

/** The detector that a choice comes to now. @throws KernelFailure('weights') when its weights are not installed */
export function chosenDetector(choice: DetectorChoice = 'auto'): DetectorName {
  if (choice === 'builtin') return choice;
  if (choice === 'auto') return existsSync(detectorFile('retinaface')) ? 'retinaface' : 'builtin';
  if (existsSync(detectorFile(choice))) return choice;
  throw new KernelFailure('weights', `the weights of the face detector '${choice}' are not installed: ${detectorWeights[choice].file} is missing in ${weightsFolder()}; 'difface weights install ${choice}' installs them, and --detector builtin needs none`);
}
