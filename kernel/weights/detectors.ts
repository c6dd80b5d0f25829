import { detectorChoices, type DetectorChoice, type DetectorName, type NetworkDetector } from './detectorNames.ts';
import { hasOfficialNetwork, officialNetworkFile } from './officialNetwork.ts';

/** The network of each detector that has to be installed. */
export const detectorNetworks = {
  retinaface: { id: 'retinaface', architecture: 'retinaface' },
  'retinaface-mobilenet': { id: 'retinaface-mobilenet', architecture: 'retinaface' },
  yolov5l: { id: 'yolov5l-face', architecture: 'yolov5-face' },
  yolov5n: { id: 'yolov5n-face', architecture: 'yolov5-face' },
} as const satisfies Record<NetworkDetector, { readonly id: string; readonly architecture: 'retinaface' | 'yolov5-face' }>;

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
  return detectorChoices.map((name) => ({ name, title: titles[name], installed: name === 'auto' || name === 'builtin' || hasOfficialNetwork(detectorNetworks[name].id) }));
}

/** Path of a detector's weights. @throws KernelFailure('weights') when they are not installed */
export function detectorFile(name: NetworkDetector): string {
  return officialNetworkFile(detectorNetworks[name].id, ', and --detector builtin needs none');
}

/** The detector that a choice comes to now. @throws KernelFailure('weights') when its weights are not installed */
export function chosenDetector(choice: DetectorChoice = 'auto'): DetectorName {
  if (choice === 'builtin') return choice;
  if (choice === 'auto') return hasOfficialNetwork('retinaface') ? 'auto' : 'builtin';
  detectorFile(choice);
  return choice;
}
