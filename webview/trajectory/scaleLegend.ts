import type { PanePicture } from './panePicture.ts';

/** The colours of a map and the numbers they stand for. */
export class ScaleLegend {
  readonly element = document.createElement('div');
  private readonly bar = document.createElement('canvas');
  private readonly ends = [document.createElement('span'), document.createElement('span'), document.createElement('span')] as const;
  private shown: unknown;

  constructor() {
    this.element.className = 'scale-legend number';
    [this.bar.width, this.bar.height] = [256, 1];
    const numbers = document.createElement('div');
    numbers.append(...this.ends);
    this.element.append(this.bar, numbers);
  }

  show(picture: PanePicture | undefined): void {
    this.element.hidden = picture === undefined || picture.kind === 'colours';
    if (picture === undefined || picture.kind === 'colours') return;
    const [low, middle, high] = picture.kind === 'signed'
      ? [`−${picture.scale}`, '0', `+${picture.scale}`] : ['0', String(Number((picture.peak / 2).toPrecision(3))), String(Number(picture.peak.toPrecision(3)))];
    this.ends.forEach((end, i) => { end.textContent = [low, middle, high][i]!; });
    this.element.setAttribute('role', 'img');
    this.element.setAttribute('aria-label', `Scale from ${low} to ${high}`);
    if (this.shown === picture.colours) return;
    this.shown = picture.colours;
    const image = new ImageData(256, 1);
    for (let i = 0; i < 256; i++) image.data.set([picture.colours[3 * i]!, picture.colours[3 * i + 1]!, picture.colours[3 * i + 2]!, 255], 4 * i);
    this.bar.getContext('2d')!.putImageData(image, 0, 0);
  }
}
