import { powerByFrequency } from './fourier.ts';

/** An octave of spatial frequencies, from the period `from` on up to and without `to`, in pixels. `null`: there is no upper end. */
export interface PeriodBand {
  readonly from: number;
  readonly to: number | null;
}

/** Detail finer than this is one band: its octaves hold little but noise. */
const finestPeriod = 4;

/**
 * The bands in which the power of a picture is told, from the coarsest to the finest. Their edges are the powers of two from 4 px to a quarter of the side,
 * so that a period means the same in every size: above 32, 32-16, 16-8, 8-4 and below 4 px for a side of 128, and one octave more for each doubling.
 * A side between two powers of two has the bands of the smaller.
 */
export function octaveBands(side: number): readonly PeriodBand[] {
  let edge = finestPeriod;
  while (2 * edge <= side / 4) edge *= 2;
  const bands: PeriodBand[] = [{ from: edge, to: null }];
  for (; edge > finestPeriod; edge /= 2) bands.push({ from: edge / 2, to: edge });
  return [...bands, { from: 0, to: finestPeriod }];
}

/**
 * Mean power of a luma plane in octave bands, from the Fourier spectrum under a Hann window, as `highFrequencyPower` has it: the bands finer than a period
 * sum to what it says of that period. The coarsest band holds what the window leaves of the mean, too.
 * @param plane side x side values in 0..255, row by row
 * @param bands as of `octaveBands`, from the coarsest to the finest
 * @returns mean squares in (0..255)^2, one for each band; all of them sum to the plane's variance under the window
 * @throws RangeError when the plane is not square
 */
export function bandPower(plane: Float64Array, side: number, bands: readonly PeriodBand[] = octaveBands(side)): readonly number[] {
  if (plane.length !== side * side) throw new RangeError(`a square plane is needed, not ${plane.length} values for a side of ${side} px`);
  const edges = bands.slice(1).map(({ to }) => 1 / (to ?? Infinity));
  const power = bands.map(() => 0);
  powerByFrequency(plane, side, (frequency, share) => {
    let band = 0;
    while (band < edges.length && frequency > edges[band]!) band++;
    power[band]! += share;
  });
  return power;
}
