import { alignPaste } from './checks/alignPaste.ts';
import { checkpoints } from './checks/checkpoints.ts';
import { detectors } from './checks/detectors.ts';
import { faceFilter } from './checks/faceFilter.ts';
import { imageIo } from './checks/imageIo.ts';
import { parsenet } from './checks/parsenet.ts';
import { resize } from './checks/resize.ts';
import { retinaface } from './checks/retinaface.ts';
import { rrdbnet } from './checks/rrdbnet.ts';
import { sampler } from './checks/sampler.ts';
import { swinir } from './checks/swinir.ts';
import { unet } from './checks/unet.ts';
import { yoloFace } from './checks/yoloFace.ts';
import { wholeImage } from './checks/wholeImage.ts';
import type { FixtureKind } from './fixture.ts';

/** Every kind of fixture the runner knows; a folder belongs to the first that recognises it. */
export const kinds: readonly FixtureKind[] = [checkpoints, unet, swinir, parsenet, rrdbnet, sampler, alignPaste, faceFilter, resize, imageIo, wholeImage, retinaface, yoloFace, detectors];
