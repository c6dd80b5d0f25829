import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { KernelFailure } from '../failure.ts';
import { weightsFolder } from '../packageFolder.ts';
import { detectorChoices, type DetectorChoice, type DetectorName, type NetworkDetector } from './detectorNames.ts';

/** The weights of each detector that has to be installed, and the network in them. */
export const detectorWeights = {
  retinaface: { file: 'detection_Resnet50_Final.pth', architecture: 'retinaface' },
  'retinaface-mobilenet': { file: 'detection_mobilenet0.25_Final.pth', architecture: 'retinaface' },
  yolov5l: { file: 'yolov5l-face.pth', architecture: 'yolov5-face' },
  yolov5n: { file: 'yolov5n-face.pth', architecture: 'yolov5-face' },
} as const satisfies Record<NetworkDetector, { readonly file: string; readonly architecture: 'retinaface' | 'yolov5-face' }>;

/** A detector as somebody who chooses one sees it. */
export interface DetectorSummary {
  readonly name: DetectorChoice;
  readonly title: string;
  readonly installed: boolean;
}

const titles: Readonly<Record<DetectorChoice, string>> = {
  auto: 'Automatic', builtin: 'Built-in (BlazeFace)', retinaface: 'RetinaFace, ResNet-50', 'retinaface-mobilenet': 'RetinaFace, MobileNet', yolov5l: 'YOLOv5-face, large', yolov5n: 'YOLOv5-face, nano',
};

export function detectorSummaries(): readonly DetectorSummary[] {
  return detectorChoices.map((name) => ({ name, title: titles[name], installed: name === 'auto' || name === 'builtin' || existsSync(detectorFile(name)) }));
}

/** Path of a detector's weights, whether they are there or not. */
export function detectorFile(name: NetworkDetector): string {
  return join(weightsFolder(), detectorWeights[name].file);
}

/** The detector that a choice comes to now. @throws KernelFailure('weights') when its weights are not installed */
export function chosenDetector(choice: DetectorChoice = 'auto'): DetectorName {
  if (choice === 'builtin') return choice;
  if (choice === 'auto') return existsSync(detectorFile('retinaface')) ? 'auto' : 'builtin';
  if (existsSync(detectorFile(choice))) return choice;
  throw new KernelFailure('weights', `the weights of the face detector '${choice}' are not installed: ${detectorWeights[choice].file} is missing in ${weightsFolder()}; 'difface weights install ${choice}' installs them, and --detector builtin needs none`);
}
