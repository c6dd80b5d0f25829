import type { Ask } from '../host.ts';

/** Seconds in a piece of sound, and how far ahead pieces are fetched. */
const [piece, lead] = [2, 3];

/** Plays the sound of a clip, piece by piece without gaps. While it plays, it is the clock. */
export class SoundPlayer {
  private context: AudioContext | undefined;
  private gain: GainNode | undefined;
  private run = 0;
  /** Time of the context at which second 0 of the clip would have sounded. */
  private origin: number | undefined;

  constructor(private readonly ask: Ask) {}

  /** Second of the clip that is heard now; undefined while nothing is. */
  get time(): number | undefined {
    if (!this.context || this.origin === undefined || this.context.state !== 'running') return undefined;
    return this.context.currentTime - this.origin;
  }

  set volume(volume: number) {
    if (this.gain) this.gain.gain.value = volume;
  }

  /** Begins at a second of the clip. @returns false where no sound can be played */
  async start(from: number, volume: number): Promise<boolean> {
    this.stop();
    const run = ++this.run;
    try {
      this.context ??= new AudioContext({ sampleRate: 48_000, latencyHint: 'interactive' });
      await this.context.resume();
      this.gain ??= new GainNode(this.context);
      this.gain.connect(this.context.destination);
      this.gain.gain.value = volume;
      const first = await this.fetch(from);
      if (run !== this.run || !first) return false;
      const start = this.context.currentTime + 0.03;
      this.origin = start - from;
      this.schedule(first, start);
      void this.goOn(run, from + piece, first);
      return true;
    } catch {
      return false;
    }
  }

  stop(): void {
    this.run++;
    this.origin = undefined;
    this.gain?.disconnect();                                            // silences what is scheduled
    this.gain = undefined;
  }

  private async goOn(run: number, from: number, before: AudioBuffer): Promise<void> {
    let last = before;
    for (let at = from; run === this.run && this.context && this.origin !== undefined && last.duration >= piece * 0.99; at += piece) {
      while (run === this.run && at - (this.context.currentTime - this.origin) > lead) await new Promise((resolve) => setTimeout(resolve, 200));
      const next = await this.fetch(at).catch(() => undefined);
      if (run !== this.run || !next) return;
      this.schedule(next, this.origin + at);
      last = next;
    }
  }

  private schedule(buffer: AudioBuffer, when: number): void {
    if (!this.context || !this.gain) return;
    const source = new AudioBufferSourceNode(this.context, { buffer });
    source.connect(this.gain);
    const late = this.context.currentTime - when;
    if (late < buffer.duration) source.start(Math.max(0, when), Math.max(0, late));
  }

  private async fetch(from: number): Promise<AudioBuffer | undefined> {
    const { result: { sampleRate, channels }, bytes } = await this.ask({ what: 'sound', from, seconds: piece });
    const samples = new Int16Array(bytes.slice(0, bytes.byteLength - (bytes.byteLength % (2 * channels))));
    const length = samples.length / channels;
    if (length === 0) return undefined;
    const buffer = new AudioBuffer({ length, sampleRate, numberOfChannels: channels });
    for (let channel = 0; channel < channels; channel++) {
      const out = buffer.getChannelData(channel);
      for (let i = 0; i < length; i++) out[i] = samples[i * channels + channel]! / 32_768;
    }
    return buffer;
  }
}
