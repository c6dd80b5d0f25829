import type { RgbImage } from '../tensor/rgbImage.ts';
import type { Plan } from './plan.ts';

/** Levels by which the samples of a grey pixel may differ: coding a picture or a clip rounds its colours. */
const tolerance = 2;

/** Watches pictures that go by for colours: the networks give faces colours where the original has none, as the reference's do, and nobody should find that out alone. */
export class GreyWatch {
  private grey: boolean | undefined;

  look(image: RgbImage): this {
    if (this.grey !== false) this.grey = isGrey(image);
    return this;
  }

  /** Looks at every frame that is passed on. */
  async *watching<F extends RgbImage>(frames: AsyncIterable<F>): AsyncGenerator<F> {
    for await (const frame of frames) {
      this.look(frame);
      yield frame;
    }
  }

  /** What to say of a result. @param faces restored in it */
  notes(faces: number, { method }: Pick<Plan, 'method'>): readonly string[] {
    if (this.grey !== true || faces === 0 || method.kind === 'identity') return [];
    return [`the original is grey, and the restored ${faces === 1 ? 'face' : 'faces'} may have colours: the networks know colour pictures alone`];
  }
}

function isGrey({ data }: RgbImage): boolean {
  for (let i = 0; i < data.length; i += 3) {
    const [r, g, b] = [data[i]!, data[i + 1]!, data[i + 2]!];
    if (Math.max(r, g, b) - Math.min(r, g, b) > tolerance) return false;
  }
  return true;
}
