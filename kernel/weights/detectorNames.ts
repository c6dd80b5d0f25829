/** What finds faces: `auto` asks the reference's own where its weights are installed; where that finds none, or is not there, the one that is built in. */
export const detectorChoices = ['auto', 'builtin', 'retinaface', 'retinaface-mobilenet', 'yolov5l', 'yolov5n'] as const;
export type DetectorChoice = (typeof detectorChoices)[number];
/** A choice whose weights are there: `auto` means RetinaFace first, then the built-in one. */
export type DetectorName = DetectorChoice;
export type NetworkDetector = Exclude<DetectorName, 'auto' | 'builtin'>;
