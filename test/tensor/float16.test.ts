import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import fc from 'fast-check';
import { fromFloat16, toFloat16 } from '../../kernel/tensor/float16.ts';

const allHalves = Uint16Array.from({ length: 65536 }, (_, bits) => bits);
const widened = fromFloat16(allHalves);

describe('float16', () => {
  it('widens every half and rounds it back to itself', () => {
    const back = toFloat16(widened);
    for (const bits of allHalves) {
      if (Number.isNaN(widened[bits])) assert.ok((back[bits]! & 0x7fff) > 0x7c00);
      else assert.equal(back[bits], bits);
    }
    // IEEE 754-2019, table 3.5: largest finite, smallest normal, smallest subnormal, one
    assert.deepEqual([0x7bff, 0x0400, 0x0001, 0x3c00].map((bits) => widened[bits]), [65504, 2 ** -14, 2 ** -24, 1]);
  });

  it('rounds to the nearest half, ties to even', () => {
    const finite = widened.subarray(0, 0x7c00);                        // sorted: positive halves in the order of their bits
    fc.assert(fc.property(fc.float({ min: -65504, max: 65504, noNaN: true }), (value) => {
      const bits = toFloat16(new Float32Array([value]))[0]!;
      const magnitude = bits & 0x7fff;
      const error = Math.abs(Math.abs(value) - finite[magnitude]!);
      for (const neighbour of [magnitude - 1, magnitude + 1]) {
        const other = finite[neighbour];
        if (other === undefined) continue;
        const otherError = Math.abs(Math.abs(value) - other);
        assert.ok(error < otherError || (error === otherError && magnitude % 2 === 0), `${value}`);
      }
      assert.equal(bits >= 0x8000, Object.is(Math.sign(value), -1) || Object.is(value, -0));
    }), { numRuns: 2000 });
    const ties = Float32Array.from({ length: 0x7bff }, (_, bits) => (finite[bits]! + finite[bits + 1]!) / 2);
    toFloat16(ties).forEach((bits, i) => { assert.equal(bits, i + (i % 2)); });
    assert.deepEqual([...toFloat16(new Float32Array([65519, 65520, 1e30, -Infinity]))], [0x7bff, 0x7c00, 0x7c00, 0xfc00]);
  });
});
