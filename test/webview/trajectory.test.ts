import { strict as assert } from 'node:assert';
import fc from 'fast-check';
import { describe, it } from 'mocha';
import { orderAt, placeOfTimestep, positionOf } from '../../webview/trajectory/alignment.ts';
import { branchName, readField, turnAt } from '../../webview/trajectory/branchForm.ts';
import { lanesOf, parentOf } from '../../webview/trajectory/branchTree.ts';
import { divergingMap, sequentialMap, type ColourMap } from '../../webview/trajectory/colourMap.ts';
import { columnsOf, contractionText, logSnr, plotsOf, valueAt } from '../../webview/trajectory/curveData.ts';
import { lumaDifference, percentileOfSize, roundedUp } from '../../webview/trajectory/difference.ts';
import { cellsOf } from '../../webview/trajectory/filmstrip.ts';
import { paintColours } from '../../webview/trajectory/paintTensor.ts';
import { positionAt, stepText } from '../../webview/trajectory/scrubber.ts';
import { halfFloats, readTensor, valuesAt } from '../../webview/trajectory/tensor.ts';
import { handleTrajectoryKey, type TrajectoryKeyActions } from '../../webview/trajectory/trajectoryKeys.ts';
import { sameTurns, turnedAt } from '../../webview/trajectory/turns.ts';
import { WalkBook } from '../../webview/trajectory/walkBook.ts';
import type { Ask } from '../../webview/host.ts';
import type { Turn, WalkInfo } from '../../webview/protocol.ts';

/** A walk whose steps have these timesteps; alphaBar falls linearly with t. */
function walkOf(timesteps: readonly number[], kept?: readonly number[]): WalkInfo {
  const orders = kept ?? Array.from({ length: timesteps.length + 1 }, (_, i) => i);
  const each = (value: number): number[] => orders.map(() => value);
  return {
    id: 'walk', size: 2, kept: orders, precision: 'float16', bytes: 0, start: { index: 100, t: 400, alphaBar: 0.1936 },
    steps: timesteps.map((t) => ({ t, alphaBar: 1 - t / 1000, alphaBarPrev: 1, sampler: 'ddim', eta: 0.5, sigma: 0, seed: 12_345 })),
    figures: { change: orders.map((_, i) => (i === 0 ? null : i)), toEstimate: each(1), toResult: each(2), departure: 0.5, bands: [{ from: 2, to: 4 }, { from: 4, to: null }], power: [each(10), each(0)] },
  };
}

const turn = (at: number, seed: number): Turn => ({ at, sampler: 'ddim', steps: 4, eta: 0.5, seed });

describe('the trajectory view: tensors', () => {
  it('reads half floats: normal, subnormal, both zeros, the ends and what is no number', () => {
    const known = new Map([[0x3c00, 1], [0xc000, -2], [0x3555, 0.333251953125], [0x0001, 2 ** -24], [0x03ff, 1023 * 2 ** -24], [0x0400, 2 ** -14], [0x7bff, 65_504], [0xfc00, -Infinity], [0x8000, -0]]);
    for (const [bits, value] of known) assert.ok(Object.is(halfFloats[bits], value), `${bits.toString(16)} is ${halfFloats[bits]}`);
    assert.ok(Number.isNaN(halfFloats[0x7e00]));
  });

  it('finds the channels of a pixel, and refuses bytes that are too few', () => {
    const tensor = readTensor({ dtype: 'float32', shape: [3, 1, 2] }, Float32Array.of(1, 2, 3, 4, 5, 6).buffer);
    assert.deepEqual(valuesAt(tensor, 1, 0), [2, 4, 6]);
    assert.throws(() => readTensor({ dtype: 'float16', shape: [3, 2, 2] }, new ArrayBuffer(10)), /10 bytes and should have 24/);
  });

  it('paints half floats and floats alike, clipped to the range', () => {
    const [floats, halves] = [readTensor({ dtype: 'float32', shape: [3, 1, 1] }, Float32Array.of(-2, 0.5, 3).buffer), readTensor({ dtype: 'float16', shape: [3, 1, 1] }, Uint16Array.of(0xc000, 0x3800, 0x4200).buffer)];
    const painted = [floats, halves].map((tensor) => {
      const into = new Uint8ClampedArray(4);
      paintColours(tensor, -1, 1, into);
      return [...into];
    });
    assert.deepEqual(painted[0], [0, 191, 255, 255]);
    assert.deepEqual(painted[1], painted[0]);
  });
});

describe('the trajectory view: colours', () => {
  /** CIE lightness, 0 .. 100. */
  function lightness(map: ColourMap, i: number): number {
    const [red, green, blue] = [0, 1, 2].map((channel) => {
      const value = map[3 * i + channel]! / 255;
      return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
    });
    return 116 * Math.cbrt(0.2126 * red! + 0.7152 * green! + 0.0722 * blue!) - 16;
  }

  for (const dark of [false, true]) {
    it(`a difference's lightness goes evenly from a neutral zero to both ends, on ${dark ? 'dark' : 'light'} pages`, () => {
      const map = divergingMap(dark);
      const away = (i: number): number => (dark ? 1 : -1) * lightness(map, i);
      for (let i = 129; i < 256; i++) assert.ok(away(i) > away(i - 1) - 0.6 && away(255 - i) > away(256 - i) - 0.6, `at ${i}`);
      assert.ok(Math.abs(lightness(map, 0) - lightness(map, 255)) < 6, 'both ends are equally light');
      const centre = [...map.slice(127 * 3, 128 * 3)];
      assert.ok(Math.max(...centre) - Math.min(...centre) < 12, `zero is ${centre.join()}`);
      assert.ok(map[2]! > map[0]! && map[255 * 3]! > map[255 * 3 + 2]!, 'negative is blue, positive red');
    });
  }

  it('the map of deviations gets lighter all the way', () => {
    const map = sequentialMap();
    for (let i = 1; i < 256; i++) assert.ok(lightness(map, i) > lightness(map, i - 1) - 0.6, `at ${i}`);
    assert.ok(lightness(map, 0) < 15 && lightness(map, 255) > 85);
  });
});

describe('the trajectory view: differences', () => {
  it('is signed luma: 1 where all channels are 1 more', () => {
    const tensor = (value: number): ReturnType<typeof readTensor> => readTensor({ dtype: 'float32', shape: [3, 1, 2] }, new Float32Array(6).fill(value).buffer);
    for (const value of lumaDifference(tensor(0.25), tensor(1.25)).values) assert.ok(Math.abs(value + 1) < 1e-6);
  });

  it('its scale is the 98th percentile, rounded up to 1, 2 or 5', () => {
    assert.ok(Math.abs(percentileOfSize(Float32Array.from({ length: 1000 }, (_, i) => (i % 2 ? 1 : -1) * i / 1000), 0.98) - 0.98) < 2e-3);
    assert.deepEqual([0, 0.0004, 0.011, 0.02, 0.0201, 0.3, 0.7, 1, 3.2].map(roundedUp), [0.001, 0.001, 0.02, 0.02, 0.05, 0.5, 1, 1, 5]);
    fc.assert(fc.property(fc.double({ min: 0.0011, max: 90, noNaN: true }), (value) => roundedUp(value) >= value * (1 - 1e-6) && roundedUp(value) <= value * 2.51));
  });
});

describe('the trajectory view: walks beside each other', () => {
  const trunk = walkOf([400, 300, 200, 100]);
  const fine = walkOf([400, 350, 300, 250, 200, 150, 100, 50]);

  it('are aligned by their timesteps, and the result to the result', () => {
    assert.deepEqual([0, 1, 2, 3, 4].map((order) => orderAt(fine, trunk, order)), [0, 2, 4, 6, 8]);
    assert.deepEqual([1, 7, 8].map((order) => orderAt(trunk, fine, order)), [0, 3, 4]);
  });

  it('the place of a timestep lies between its neighbours', () => {
    assert.deepEqual([500, 400, 350, 300, 125, 100, -1].map((t) => placeOfTimestep(trunk, t)), [0, 0, 0.5, 1, 2.75, 3, 4]);
  });

  it('a state that was not kept stands for the kept one before it', () => {
    const sparse = walkOf([400, 300, 200, 100], [0, 2, 4]);
    assert.deepEqual([null, 0, 1, 2, 3, 4].map((order) => positionOf(sparse, order)), [2, 0, 0, 1, 1, 2]);
  });

  it('the curves of both lie over one axis, each with its own values', () => {
    const [change] = plotsOf(trunk, fine);
    const [places, own, other] = columnsOf(change!, trunk, fine);
    assert.equal(places!.length, 9);
    assert.deepEqual(own!.filter((value) => value !== null), [1, 2, 3, 4]);
    assert.equal(other!.filter((value) => value !== null).length, 8);
    assert.deepEqual([valueAt(change!.curves[0]!, trunk, fine, 2), valueAt(change!.curves[1]!, trunk, fine, 2)], [2, 4]);
  });

  it('says what the diffusion leaves of the estimate, and where nothing is noise any more there is no log-SNR', () => {
    assert.equal(contractionText(trunk), "√ᾱ_N = 0.440: the diffusion leaves 44 % of the estimate's error");
    assert.deepEqual([logSnr(1), logSnr(0.5)], [null, 0]);
  });
});

describe('the trajectory view: branches', () => {
  const info = walkOf([400, 300, 200, 100]);

  it('a turn gives up those behind it, whatever order its fields came in', () => {
    const { at, ...rest } = turn(1, 5);
    assert.ok(sameTurns([turn(1, 5)], [{ ...rest, at }]));
    assert.deepEqual(turnedAt([turn(1, 5), turn(3, 6)], turn(2, 7)), [turn(1, 5), turn(2, 7)]);
  });

  it('are named by what they do otherwise', () => {
    assert.deepEqual(turnAt(info, 2), { at: 2, sampler: 'ddim', steps: 2, eta: 0.5, seed: 12_345 });
    assert.equal(branchName(info, { ...turnAt(info, 2), seed: 7 }), 'seed 7 from t 200');
    assert.equal(branchName(info, { ...turnAt(info, 1), eta: 0, steps: 9 }), 'eta 0, 9 steps from t 300');
    assert.equal(branchName(info, turnAt(info, 1)), 'the same from t 300');
  });

  it('are not begun with numbers that were bent into what fits', () => {
    assert.deepEqual(['7', '0', '4294967295'].map((text) => readField('seed', text)), [7, 0, 4_294_967_295]);
    for (const text of ['-5', '1.5', '', 'seven', '4294967296']) assert.equal(readField('seed', text), 'Seed takes a whole number from 0 to 4294967295.');
    assert.deepEqual(['0', '0.35', '1.1'].map((text) => readField('eta', text)), [0, 0.35, 'Eta takes a number from 0 to 1.']);
    assert.equal(readField('steps', '0'), 'Steps takes a whole number from 1 to 1000.');
  });

  it('stay chosen while nobody can say which there are, and are asked for again', async () => {
    let reachable = false;
    const branch = { name: 'softer', turns: [turn(1, 7)] };
    const ask = ((question: { readonly what: string }) => {
      if (question.what === 'branches') return reachable ? Promise.resolve({ result: [branch], bytes: new ArrayBuffer(0) }) : Promise.reject(new Error('the kernel is starting'));
      return Promise.resolve({ result: null, bytes: new ArrayBuffer(0) });
    }) as Ask;
    const book = new WalkBook({ face: 1, frame: 0 }, ask, () => undefined, () => undefined);
    const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
    await settled();
    assert.equal(book.branchesKnown, false);
    reachable = true;
    book.refresh();
    await settled();
    assert.equal(book.branchesKnown, true);
    assert.deepEqual(book.branches, [branch]);
    book.dispose();
  });

  it('stand below what they grew from', () => {
    const branches = [{ name: 'main', turns: [] }, { name: 'a', turns: [turn(1, 1)] }, { name: 'b', turns: [turn(2, 2)] }, { name: 'of a', turns: [turn(1, 1), turn(3, 3)] }];
    assert.deepEqual(lanesOf(branches).map(({ name }) => name), ['main', 'a', 'of a', 'b']);
    assert.deepEqual(parentOf(branches[3]!, branches), [turn(1, 1)]);
    assert.deepEqual(lanesOf([]).map(({ turns }) => turns), [[]], 'there is always a trunk');
  });
});

describe('the trajectory view: the strip', () => {
  it('has the first and the last state always, evenly spaced ones between', () => {
    assert.deepEqual(cellsOf(5, 1000), [0, 1, 2, 3, 4]);
    fc.assert(fc.property(fc.integer({ min: 2, max: 300 }), fc.integer({ min: 60, max: 2000 }), (count, width) => {
      const cells = cellsOf(count, width);
      assert.ok(cells[0] === 0 && cells.at(-1) === count - 1 && new Set(cells).size === cells.length);
    }));
  });

  it('a point of it is a kept state', () => {
    assert.deepEqual([-0.1, 0, 0.19, 0.21, 0.999, 1.5].map((share) => positionAt(share, 5)), [0, 0, 0, 1, 4, 4]);
    assert.equal(stepText(walkOf([400, 300, 204.25]), 2), 'step 3 of 3, t = 204.3');
    assert.equal(stepText(walkOf([400]), 1), 'the result, x_0, after 1 steps');
  });
});

describe('the trajectory view: keys', () => {
  /** What a key does, as "name arguments". */
  function pressed(key: string, modifiers: { readonly shiftKey?: boolean; readonly altKey?: boolean; readonly ctrlKey?: boolean } = {}): string | undefined {
    let said: string | undefined;
    const actions = new Proxy({}, { get: (_, name) => (...values: unknown[]) => { said = [String(name), ...values].join(' '); } }) as TrajectoryKeyActions;
    const handled = handleTrajectoryKey({ key, shiftKey: false, altKey: false, ctrlKey: false, metaKey: false, ...modifiers }, actions);
    assert.equal(handled, said !== undefined);
    return said;
  }

  it('walk, play, zoom and branch', () => {
    const table = { ArrowRight: 'onStep 1', ArrowLeft: 'onStep -1', PageUp: 'onStep 10', PageDown: 'onStep -10', Home: 'onEnd first', End: 'onEnd last', ' ': 'onPlay 1', k: 'onPause', L: 'onFaster 1', j: 'onFaster -1', 0: 'onFit', 1: 'onActual', b: 'onBranch', Escape: 'onCancel', t: 'onBack', ArrowUp: 'onMove 0 -1', x: undefined };
    for (const [key, does] of Object.entries(table)) assert.ok(pressed(key)?.startsWith(does ?? '?') ?? does === undefined, `${key} does ${pressed(key)}`);
    assert.equal(pressed('ArrowLeft', { shiftKey: true }), 'onStep -10');
    assert.equal(pressed(' ', { shiftKey: true }), 'onPlay -1');
    assert.equal(pressed('ArrowLeft', { altKey: true, shiftKey: true }), 'onMove -10 0');
    assert.equal(pressed('ArrowLeft', { ctrlKey: true }), undefined);
  });
});
