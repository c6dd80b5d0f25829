import { KernelFailure } from '../failure.ts';
import type { Layout } from './layout.ts';
import type { LicenceId } from './licences.ts';

/** What kind of network a file holds. */
export type NetworkKind = 'unet' | 'swinir' | 'retinaface' | 'yolov5-face' | 'parsenet' | 'rrdbnet' | 'lama';

/** A weight file that its authors publish. */
export interface OfficialFile {
  /** Name it is published and kept under. */
  readonly file: string;
  /** Short name for the command line. */
  readonly id: string;
  readonly title: string;
  readonly purpose: string;
  readonly address: string;
  readonly licence: LicenceId;
  readonly network: NetworkKind;
  /** `exact` where the size of the published file is known; else it follows from the network and says about how large the file is. */
  readonly size: { readonly bytes: number; readonly exact: boolean };
  /** Of the published file, where independent public sources agree on it; of the others it is recorded at install. */
  readonly sha256?: string;
  readonly layout: Layout;
}

const difface = 'https://github.com/zsyOAOA/DifFace/releases/download/V1.0/';
const facexlib = 'https://github.com/xinntao/facexlib/releases/download/v0.1.0/';
const codeformer = 'https://github.com/sczhou/CodeFormer/releases/download/v0.1.0/';
const realesrgan = 'https://github.com/xinntao/Real-ESRGAN/releases/download/v0.2.1/';

/** Every file the reference uses, in the order of its pipeline. Sizes and sums are those several public sources agree on; none was computed from a file here. */
export const officialFiles: readonly OfficialFile[] = [
  {
    file: 'iddpm_ffhq512_ema500000.pth', id: 'denoiser', title: 'Diffusion model, faces of 512 px', purpose: 'walks back from the diffused estimate to the restored face',
    address: `${difface}iddpm_ffhq512_ema500000.pth`, licence: 's-lab', network: 'unet', size: { bytes: 639_391_829, exact: false },
    layout: { tensors: 630, values: 159_788_454, digest: '81edad3eada6e34580ef8e9683ba0c54' },
  },
  {
    file: 'swinir_restoration512_L1.pth', id: 'backbone', title: 'SwinIR backbone, faces of 512 px', purpose: 'estimates the clean face before it is diffused',
    address: `${difface}swinir_restoration512_L1.pth`, licence: 's-lab', network: 'swinir', size: { bytes: 90_183_305, exact: false },
    layout: { tensors: 660, values: 15_792_587, digest: '9a18219888b4bb530d94bca9eb3ab180' },
  },
  {
    file: 'detection_Resnet50_Final.pth', id: 'retinaface', title: 'RetinaFace, ResNet-50', purpose: 'finds faces in whole pictures, as the reference does',
    address: `${facexlib}detection_Resnet50_Final.pth`, licence: 'mit', network: 'retinaface', size: { bytes: 109_497_761, exact: true },
    sha256: '6d1de9c2944f2ccddca5f5e010ea5ae64a39845a86311af6fdf30841b0a5a16d', layout: { tensors: 383, values: 27_351_584, digest: 'c9f5ef1cb5bf361d343084d0c3e934a7' },
  },
  {
    file: 'parsing_parsenet.pth', id: 'parsenet', title: 'ParseNet', purpose: 'tells face from hair and background where a restored face is pasted back',
    address: `${codeformer}parsing_parsenet.pth`, licence: 'codeformer', network: 'parsenet', size: { bytes: 85_331_193, exact: true },
    sha256: '3d558d8d0e42c20224f13cf5a29c79eba2d59913419f945545d8cf7b72920de2', layout: { tensors: 202, values: 21_319_894, digest: '8df2cf3efb8ba4626ccff2377755cbf9' },
  },
  {
    file: 'RealESRGAN_x2plus.pth', id: 'realesrgan', title: 'Real-ESRGAN x2plus', purpose: 'upsamples what is behind the faces',
    address: `${realesrgan}RealESRGAN_x2plus.pth`, licence: 'bsd-3', network: 'rrdbnet', size: { bytes: 67_061_725, exact: true },
    sha256: '49fafd45f8fd7aa8d31ab2a22d14d91b536c34494a5cfe31eb5d89c2fa266abb', layout: { tensors: 702, values: 16_703_171, digest: 'f8bd35ca9c459a43e0cd7fb8d70088e1' },
  },
  {
    file: 'detection_mobilenet0.25_Final.pth', id: 'retinaface-mobilenet', title: 'RetinaFace, MobileNet 0.25', purpose: 'finds faces in whole pictures, small and fast',
    address: `${facexlib}detection_mobilenet0.25_Final.pth`, licence: 'mit', network: 'retinaface', size: { bytes: 1_789_735, exact: true },
    layout: { tensors: 253, values: 433_296, digest: '0d4043b88ef0abfbba241e2c1afe92ef' },
  },
  {
    file: 'yolov5l-face.pth', id: 'yolov5l-face', title: 'YOLOv5-face, l', purpose: 'finds faces in whole pictures, another way',
    address: `${codeformer}yolov5l-face.pth`, licence: 'codeformer', network: 'yolov5-face', size: { bytes: 186_973_013, exact: false },
    layout: { tensors: 553, values: 46_688_500, digest: '2bf300a5bca92be0df9f7c28bd5f7edb' },
  },
  {
    file: 'yolov5n-face.pth', id: 'yolov5n-face', title: 'YOLOv5-face, n', purpose: 'finds faces in whole pictures, another way, small and fast',
    address: `${codeformer}yolov5n-face.pth`, licence: 'codeformer', network: 'yolov5-face', size: { bytes: 7_145_625, exact: false },
    layout: { tensors: 418, values: 1_745_652, digest: 'e08d2b613bbb7aeb933ffbc9e8a140ba' },
  },
  {
    file: 'iddpm_ffhq256_ema750000.pth', id: 'inpainting-denoiser', title: 'Diffusion model, faces of 256 px', purpose: 'inpainting, which this version does not do yet',
    address: `${difface}iddpm_ffhq256_ema750000.pth`, licence: 's-lab', network: 'unet', size: { bytes: 496_400_113, exact: false },
    layout: { tensors: 456, values: 124_056_710, digest: '9160ce6ac8dc695d747600c50c9b1840' },
  },
  {
    file: 'lama_inpainting256.pth', id: 'inpainting-backbone', title: 'LaMa', purpose: 'inpainting, which this version does not do yet',
    address: `${difface}lama_inpainting256.pth`, licence: 's-lab', network: 'lama', size: { bytes: 204_576_135, exact: false },
    layout: { tensors: 837, values: 51_057_027, digest: 'b9cb7e63c7dcd6fd408de592b716945f' },
  },
];

/** Names for several files at once. */
export const fileSets: Readonly<Record<string, readonly string[]>> = {
  difface: ['denoiser', 'backbone'],
  photographs: ['denoiser', 'backbone', 'retinaface', 'parsenet', 'realesrgan'],
  inpainting: ['inpainting-denoiser', 'inpainting-backbone'],
  all: officialFiles.map(({ id }) => id),
};

/** What is installed where nothing is named. */
export const usualSet = 'photographs';

/**
 * The files that names stand for: file names, short names, sets; each once, in the catalog's order.
 * @throws KernelFailure('usage') for a name that is none of these
 */
export function filesNamed(names: readonly string[]): readonly OfficialFile[] {
  const ids = new Set(names.flatMap((name) => {
    const one = officialFiles.find(({ id, file }) => id === name || file === name);
    const found = one ? [one.id] : Object.hasOwn(fileSets, name) ? fileSets[name] : undefined;
    if (!found) throw new KernelFailure('usage', `there are no weights '${name}'; there are ${officialFiles.map(({ id }) => id).join(', ')}, and the sets ${Object.keys(fileSets).join(', ')}`);
    return found;
  }));
  return officialFiles.filter(({ id }) => ids.has(id));
}

/** Bytes a file of this name may have: exactly those published, or what the network's numbers take, in half or in double precision. */
export function plausibleBytes({ size: { bytes, exact } }: OfficialFile): { readonly least: number; readonly most: number } {
  return exact ? { least: bytes, most: bytes } : { least: Math.floor(bytes * 0.45), most: Math.ceil(bytes * 2.1) };
}
