import { strict as assert } from 'node:assert';
import fc from 'fast-check';
import { describe, it } from 'mocha';
import { counterNoise, recordedNoise } from '../../kernel/diffusion/noise.ts';
import { philox4x32 } from '../../kernel/diffusion/philox.ts';
import { KernelFailure } from '../../kernel/failure.ts';
import { zeros } from '../../kernel/tensor/tensor.ts';

describe('philox4x32-10', () => {
  // The known answers that Salmon et al. publish with their Random123 library.
  const answers: readonly (readonly [readonly [number, number, number, number], readonly [number, number], readonly number[]])[] = [
    [[0, 0, 0, 0], [0, 0], [0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8]],
    [[0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff], [0xffffffff, 0xffffffff], [0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd]],
    [[0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344], [0xa4093822, 0x299f31d0], [0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1]],
  ];
  for (const [counter, key, words] of answers) {
    it(`counter ${counter[0].toString(16)}..., key ${key[0].toString(16)}...`, () => {
      const out = new Uint32Array(4);
      philox4x32(counter, key, out);
      assert.deepEqual([...out], words);
    });
  }
});

describe('counter-based noise', () => {
  const shape = [1, 3, 64, 64];
  const draw = { kind: 'start', t: 400 } as const;

  it('is standard normal', () => {
    const { data } = counterNoise([{ seed: 5, track: 0 }])(draw, [1, 3, 256, 256]);
    const mean = data.reduce((sum, value) => sum + value, 0) / data.length;
    const variance = data.reduce((sum, value) => sum + value * value, 0) / data.length;
    const fourth = data.reduce((sum, value) => sum + value ** 4, 0) / data.length;
    // Five standard errors for 196,608 values: 1, sqrt(2) and sqrt(96) over sqrt(n).
    const error = 5 / Math.sqrt(data.length);
    assert.ok(Math.abs(mean) < error && Math.abs(variance - 1) < error * Math.SQRT2 && Math.abs(fourth - 3) < error * Math.sqrt(96), `${mean} ${variance} ${fourth}`);
    assert.ok(data.every(Number.isFinite));
  });

  it('of a face does not depend on the batch it is in', () => {
    fc.assert(fc.property(fc.uniqueArray(fc.nat(1000), { minLength: 2, maxLength: 5 }), fc.nat(), (tracks, seed) => {
      const whole = counterNoise(tracks.map((track) => ({ seed, track })))(draw, [tracks.length, 3, 4, 5]).data;
      for (const [b, track] of tracks.entries()) assert.deepEqual(counterNoise([{ seed, track }])(draw, [1, 3, 4, 5]).data, whole.slice(b * 60, (b + 1) * 60));
    }), { numRuns: 50 });
  });

  it('differs by seed, by track, by timestep and by purpose', () => {
    const values = (seed: number, track: number, kind: 'start' | 'step', t: number): string =>
      counterNoise([{ seed, track }])(kind === 'start' ? { kind, t } : { kind, t, order: 0 }, shape).data.slice(0, 8).join();
    const all = [values(1, 0, 'step', 4), values(2, 0, 'step', 4), values(1, 1, 'step', 4), values(1, 0, 'step', 5), values(1, 0, 'start', 4)];
    assert.equal(new Set(all).size, all.length);
  });

  it('refuses a batch for which it has no keys', () => {
    assert.throws(() => counterNoise([{ seed: 1, track: 0 }])(draw, [2, 3, 4, 4]), RangeError);
  });
});

describe('recorded noise', () => {
  it('gives the draws in order, and refuses others', () => {
    const recording = zeros([3, 1, 1, 2, 2]);
    recording.data.set([...recording.data.keys()]);
    const noise = recordedNoise(recording);
    assert.deepEqual([...noise({ kind: 'start', t: 9 }, [1, 1, 2, 2]).data], [0, 1, 2, 3]);
    assert.deepEqual([...noise({ kind: 'step', t: 8, order: 1 }, [1, 1, 2, 2]).data], [8, 9, 10, 11]);
    assert.throws(() => noise({ kind: 'step', t: 8, order: 2 }, [1, 1, 2, 2]), KernelFailure);
    assert.throws(() => noise({ kind: 'start', t: 8 }, [1, 1, 2, 3]), KernelFailure);
  });
});
