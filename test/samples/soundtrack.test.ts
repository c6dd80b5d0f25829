import { strict as assert } from 'node:assert';
import { describe, it } from 'mocha';
import { sampleRate, soundtrack } from '../../samples/soundtrack.ts';

describe('soundtrack', () => {
  it('is loud while a mouth is open and quiet otherwise', () => {
    const bytes = soundtrack([{ speech: [[0.5, 0.4, 1]], pitch: 150, pan: 0 }], 1.5);
    assert.equal(bytes.toString('latin1', 0, 4), 'RIFF');
    assert.equal(bytes.readUInt32LE(40), 4 * Math.round(1.5 * sampleRate));
    const loudness = (from: number, to: number): number => {
      let sum = 0;
      for (let i = Math.round(from * sampleRate); i < to * sampleRate; i++) sum += bytes.readInt16LE(44 + 4 * i) ** 2;
      return Math.sqrt(sum / ((to - from) * sampleRate));
    };
    assert.ok(loudness(0.55, 0.85) > 2 * loudness(1.1, 1.4));
  });
});
