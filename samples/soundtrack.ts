import { mouthOpenAt, type Speech } from './drawing/conversation.ts';
import { Random } from './drawing/random.ts';

export interface Voice {
  readonly speech: Speech;
  /** Fundamental frequency in Hz. */
  readonly pitch: number;
  /** -1 left .. 1 right. */
  readonly pan: number;
}

export const sampleRate = 44100;

/** Formants of five vowels in Hz (Peterson and Barney 1952, rounded). */
const vowels = [[730, 1090], [530, 1840], [270, 2290], [570, 840], [300, 870]] as const;

/**
 * Babbling voices over a soft chord, as a 16-bit stereo WAV file. A voice is loud where its mouth is open, so that lips and sound agree.
 * @param seconds length
 */
export function soundtrack(voices: readonly Voice[], seconds: number): Buffer {
  const count = Math.round(seconds * sampleRate);
  const mix = [new Float64Array(count), new Float64Array(count)] as const;
  for (const [order, voice] of voices.entries()) {
    const signal = babble(voice, count, order);
    for (let i = 0; i < count; i++) {
      mix[0][i] = mix[0][i]! + signal[i]! * (1 - 0.5 * voice.pan);
      mix[1][i] = mix[1][i]! + signal[i]! * (1 + 0.5 * voice.pan);
    }
  }
  const chord = [196, 246.94, 293.66, 392];
  for (let i = 0; i < count; i++) {
    const t = i / sampleRate;
    const fade = Math.min(1, t / 0.3, (seconds - t) / 0.5);
    let pad = 0;
    for (const [k, hertz] of chord.entries()) pad += Math.sin(2 * Math.PI * hertz * t) * (0.6 + 0.4 * Math.sin(2 * Math.PI * (0.3 + 0.11 * k) * t)) * 0.018;
    for (const channel of mix) channel[i] = (channel[i]! + pad) * fade;
  }
  return wav(mix);
}

function babble({ speech, pitch }: Voice, count: number, seed: number): Float64Array {
  const out = new Float64Array(count);
  const r = new Random(77 + seed);
  const spoken = speech.map(([begin, length]) => ({ begin, end: begin + length, formants: r.pick(vowels) }));
  // A buzz through two resonators, whose frequencies glide from vowel to vowel.
  const state = [0, 0, 0, 0];
  const now: [number, number] = [500, 1500];
  let phase = 0;
  for (let i = 0; i < count; i++) {
    const t = i / sampleRate;
    const syllable = spoken.find(({ begin, end }) => t >= begin && t < end);
    const target = syllable ? syllable.formants : now;
    const loud = mouthOpenAt(speech, t);
    phase = (phase + (pitch * (1 + 0.12 * Math.sin(2 * Math.PI * 1.3 * t + seed) + 0.08 * loud)) / sampleRate) % 1;
    const source = (loud * (2 * phase - 1) + 0.03 * loud * r.normal()) * 0.5;
    let voiced = 0;
    for (let k = 0; k < 2; k++) {
      now[k] = now[k]! + (target[k]! - now[k]!) * 0.0015;
      const decay = Math.exp((-Math.PI * (80 + 40 * k)) / sampleRate);
      const turn = 2 * decay * Math.cos((2 * Math.PI * now[k]!) / sampleRate);
      const y = (1 - decay) * source + turn * state[2 * k]! - decay * decay * state[2 * k + 1]!;
      state[2 * k + 1] = state[2 * k]!;
      state[2 * k] = y;
      voiced += y * (k === 0 ? 1 : 0.6);
    }
    out[i] = voiced * 0.6;
  }
  const peak = out.reduce((most, value) => Math.max(most, Math.abs(value)), 1e-9);
  return out.map((value) => (0.4 * value) / peak);
}

/** RIFF/WAVE, 16 bit, two channels. */
function wav(channels: readonly [Float64Array, Float64Array]): Buffer {
  const count = channels[0].length;
  const bytes = Buffer.alloc(44 + 4 * count);
  bytes.write('RIFF', 0, 'latin1');
  bytes.writeUInt32LE(36 + 4 * count, 4);
  bytes.write('WAVEfmt ', 8, 'latin1');
  bytes.writeUInt32LE(16, 16);
  bytes.writeUInt16LE(1, 20);                                           // PCM
  bytes.writeUInt16LE(2, 22);
  bytes.writeUInt32LE(sampleRate, 24);
  bytes.writeUInt32LE(4 * sampleRate, 28);
  bytes.writeUInt16LE(4, 32);
  bytes.writeUInt16LE(16, 34);
  bytes.write('data', 36, 'latin1');
  bytes.writeUInt32LE(4 * count, 40);
  for (let i = 0; i < count; i++) {
    for (let k = 0; k < 2; k++) bytes.writeInt16LE(Math.round(32767 * Math.max(-1, Math.min(1, channels[k]![i]!))), 44 + 4 * i + 2 * k);
  }
  return bytes;
}
