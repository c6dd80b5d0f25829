/** What finds faces: `auto` takes the reference's own where its weights are installed, else the one that is built in. */
export const detectorChoices = ['auto', 'builtin', 'retinaface', 'retinaface-mobilenet', 'yolov5l', 'yolov5n'] as const;
export type DetectorChoice = (typeof detectorChoices)[number];
export type DetectorName = Exclude<DetectorChoice, 'auto'>;
export type NetworkDetector = Exclude<DetectorName, 'builtin'>;
