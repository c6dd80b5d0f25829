import { nearestUpsample } from '../nn/functional.ts';
import { Conv2d, parameterValue } from '../nn/layers.ts';
import { Module, ModuleList, Parameter, Sequential, type Layer } from '../nn/module.ts';
import { Value } from '../nn/value.ts';
import type { YoloFaceParams } from './yoloFaceParams.ts';
import { C3, Conv, PoolingPyramid, ShuffleBlock, StemBlock } from './yoloFaceParts.ts';

/** Anchors of every feature map, and what is said of each: box, objectness, five points, class. */
const anchors = 3;
const values = 16;
const poolingSizes = [3, 5, 7];

/** One entry of the network: which of the entries before it are joined as its input, -1 being the last, and what becomes of them. */
interface Entry {
  readonly from: readonly number[];
  readonly layer: Module & Layer;
}

class Doubling extends Module implements Layer {
  forward(x: Value): Value {
    return nearestUpsample(x, 2);
  }
}

/** Joining is done before every entry that has several inputs. */
class Joined extends Module implements Layer {
  forward(x: Value): Value {
    return x;
  }
}

/** The last entry: a convolution for each feature map, and the sizes of the anchors in pixels. */
class Detect extends Module {
  readonly anchor_grid = new Parameter([3, 1, anchors, 1, 1, 2]);
  readonly m: ModuleList<Conv2d>;

  constructor(channels: readonly number[]) {
    super();
    this.m = new ModuleList(channels.map((width) => new Conv2d(width, anchors * values, 1)));
  }
}

/** Finds faces and their five points (Qi et al. 2021, "YOLO5Face"). Keys are the indices of the entries. */
export class YoloFace extends Module {
  readonly model: ModuleList<Module>;
  readonly #entries: readonly Entry[];
  readonly #levels: readonly number[];
  readonly #detect: Detect;

  constructor(readonly params: YoloFaceParams) {
    super();
    const backbone = backboneEntries(params);
    const { lateral, out, blocks } = params.head;
    const [wide, middle, fine] = backbone.taps.map(({ channels }) => channels) as [number, number, number];   // strides 32, 16, 8
    const at = backbone.entries.length;
    const c3 = (from: number, to: number): C3 => new C3(from, to, blocks, { shortcut: false });
    this.#entries = [
      ...backbone.entries,
      next(new Conv(wide, lateral[0], 1)),                                                                     // at
      next(new Doubling()),
      { from: [-1, backbone.taps[1].entry], layer: new Joined() },
      next(c3(lateral[0] + middle, out[1])),
      next(new Conv(out[1], lateral[1], 1)),                                                                   // at + 4
      next(new Doubling()),
      { from: [-1, backbone.taps[2].entry], layer: new Joined() },
      next(c3(lateral[1] + fine, out[0])),                                                                     // at + 7: stride 8
      next(new Conv(out[0], lateral[1], 3, 2)),
      { from: [-1, at + 4], layer: new Joined() },
      next(c3(2 * lateral[1], out[1])),                                                                        // at + 10: stride 16
      next(new Conv(out[1], lateral[0], 3, 2)),
      { from: [-1, at], layer: new Joined() },
      next(c3(2 * lateral[0], out[2])),                                                                        // at + 13: stride 32
    ];
    this.#levels = [at + 7, at + 10, at + 13];
    this.#detect = new Detect(out);
    this.model = new ModuleList([...this.#entries.map(({ layer }) => layer), this.#detect]);
    this.bind();
  }

  /** x (B, 3, H, W): RGB in [0, 1], sides multiples of 32 -> of each level (strides 8, 16, 32) what is said of the anchors, (B, 48, H', W'), and the anchors' sizes in pixels, (3, 3, 2). */
  forward(x: Value): { readonly levels: readonly Value[]; readonly anchors: Value } {
    const outputs: Value[] = [];
    for (const { from, layer } of this.#entries) {
      const inputs = from.map((index) => outputs.at(index) ?? x);
      outputs.push(layer.forward(Value.concat(inputs, 1)));
    }
    const heads = [...this.#detect.m];
    return {
      levels: this.#levels.map((index, level) => heads[level]!.forward(outputs[index]!)),
      anchors: parameterValue(this.#detect.anchor_grid, x.cast('float32')).reshape(3, anchors, 2),
    };
  }
}

interface Tap {
  readonly entry: number;
  readonly channels: number;
}

function next(layer: Module & Layer): Entry {
  return { from: [-1], layer };
}

/** The entries of the backbone and where the head looks at it, at strides 32, 16 and 8. */
function backboneEntries({ stem, backbone }: YoloFaceParams): { readonly entries: readonly Entry[]; readonly taps: readonly [Tap, Tap, Tap] } {
  const entries: Entry[] = [next(new StemBlock(3, stem))];
  const taps: Tap[] = [];
  let channels = stem;
  for (const [index, stage] of backbone.stages.entries()) {
    if (backbone.kind === 'shuffle') {
      entries.push(next(new ShuffleBlock(channels, stage.channels, 2)));
      const blocks = Array.from({ length: stage.blocks }, () => new ShuffleBlock(stage.channels, stage.channels, 1));
      entries.push(next(blocks.length === 1 ? blocks[0]! : new Sequential(...blocks)));
    } else {
      const last = index === backbone.stages.length - 1;
      if (index > 0) entries.push(next(new Conv(channels, stage.channels, 3, 2)));
      if (last) entries.push(next(new PoolingPyramid(stage.channels, stage.channels, poolingSizes)));
      entries.push(next(new C3(index > 0 ? stage.channels : channels, stage.channels, stage.blocks, { shortcut: !last })));
    }
    channels = stage.channels;
    taps.unshift({ entry: entries.length - 1, channels });
  }
  return { entries, taps: taps.slice(0, 3) as [Tap, Tap, Tap] };
}
