/**
 * Mean power of a plane by spatial frequency, from its Fourier spectrum under a Hann window, which keeps the picture's edges from counting as detail.
 * The mean is taken away first; all powers together are the mean square under the window (Parseval).
 * @param plane n x n values, row by row; not changed
 * @param visit is told every frequency, in periods per pixel (0 .. sqrt(1/2)), and its share of the power
 */
export function powerByFrequency(plane: Float64Array, n: number, visit: (frequency: number, power: number) => void): void {
  const mean = plane.reduce((sum, value) => sum + value, 0) / plane.length;
  const hann = Float64Array.from({ length: n }, (_, i) => 0.5 - 0.5 * Math.cos((2 * Math.PI * (i + 0.5)) / n));
  const gain = hann.reduce((sum, weight) => sum + weight * weight, 0) ** 2;
  const windowed = new Float64Array(n * n);
  for (let y = 0; y < n; y++) {
    for (let x = 0; x < n; x++) windowed[y * n + x] = (plane[y * n + x]! - mean) * hann[y]! * hann[x]!;
  }
  const spectrum = halfPowerSpectrum(windowed, n);
  const half = Math.floor(n / 2) + 1;
  for (let u = 0; u < n; u++) {
    const across = Math.min(u, n - u) ** 2;
    for (let v = 0; v < half; v++) {
      const times = v === 0 || 2 * v === n ? 1 : 2;                    // what the half of the spectrum stands for
      visit(Math.sqrt(across + v * v) / n, (times * spectrum[u * half + v]!) / (n * n) / gain);
    }
  }
}

/**
 * Power spectrum of a real square plane: |F(u, v)|^2 of the unnormalised discrete Fourier transform, for v = 0 .. floor(n / 2); the other half
 * mirrors it, F(-u, -v) being the conjugate of F(u, v).
 * @param plane n x n values, row by row
 * @param n any side; fast for products of small primes, O(n) slower for a prime
 * @returns n x (floor(n / 2) + 1) values: `[u * (floor(n / 2) + 1) + v]`, u along the columns of the plane
 */
export function halfPowerSpectrum(plane: Float64Array, n: number): Float64Array {
  // Two real columns are one complex one: the halves of the plane side by side as real and imaginary parts.
  const pairs = Math.ceil(n / 2);
  const re = new Float64Array(n * pairs);
  const im = new Float64Array(n * pairs);
  for (let y = 0; y < n; y++) {
    re.set(plane.subarray(y * n, y * n + pairs), y * pairs);
    im.set(plane.subarray(y * n + pairs, (y + 1) * n), y * pairs);
  }
  const both = fourierColumns({ re, im }, n, pairs);
  const columns = fourierColumns(separated(both, n, pairs), n, Math.floor(n / 2) + 1);
  return columns.re.map((value, i) => value * value + columns.im[i]! * columns.im[i]!);
}

interface Complex {
  readonly re: Float64Array;
  readonly im: Float64Array;
}

/** Takes the spectra of the two real columns in each complex one apart, and turns the plane: row x holds the spectrum of column x, up to v = floor(n / 2). */
function separated({ re, im }: Complex, n: number, pairs: number): Complex {
  const half = Math.floor(n / 2) + 1;
  const turned = { re: new Float64Array(n * half), im: new Float64Array(n * half) };
  for (let v = 0; v < half; v++) {
    const mirror = v === 0 ? 0 : n - v;
    for (let x = 0; x < pairs; x++) {
      const [p, q] = [v * pairs + x, mirror * pairs + x];
      const first = x * half + v;
      turned.re[first] = 0.5 * (re[p]! + re[q]!);
      turned.im[first] = 0.5 * (im[p]! - im[q]!);
      if (pairs + x >= n) continue;
      const second = (pairs + x) * half + v;
      turned.re[second] = 0.5 * (im[p]! + im[q]!);
      turned.im[second] = 0.5 * (re[q]! - re[p]!);
    }
  }
  return turned;
}

/**
 * Fourier transform of each column of a plane of `n` rows: decimation in frequency with any radix, in Stockham's order, which sorts the frequencies on the
 * way (Cochran et al. 1967, "What is the fast Fourier transform?"). All columns go through a butterfly together, so that memory is read in a row.
 * @returns the transform; `values` are overwritten
 */
function fourierColumns(values: Complex, n: number, columns: number): Complex {
  let from = values;
  let to: Complex = { re: new Float64Array(n * columns), im: new Float64Array(n * columns) };
  let stride = columns;
  for (let length = n; length > 1;) {
    const radix = smallestFactor(length);
    if (radix === 2) passOfTwo(from, to, length, stride);
    else pass(from, to, length, stride, radix);
    [from, to] = [to, from];
    length /= radix;
    stride *= radix;
  }
  return from;
}

function smallestFactor(n: number): number {
  for (let factor = 2; factor * factor <= n; factor++) if (n % factor === 0) return factor;
  return n;
}

/** Splits transforms of `length` into two of half the length: sums go to the even frequencies, turned differences to the odd ones. */
function passOfTwo({ re, im }: Complex, to: Complex, length: number, stride: number): void {
  const rest = length / 2;
  for (let k = 0; k < rest; k++) {
    const angle = (-2 * Math.PI * k) / length;
    const c = Math.cos(angle);
    const s = Math.sin(angle);
    const even = 2 * k * stride;
    for (let a = k * stride, b = (k + rest) * stride, p = even, q = even + stride; p < even + stride; a++, b++, p++, q++) {
      const differenceRe = re[a]! - re[b]!;
      const differenceIm = im[a]! - im[b]!;
      to.re[p] = re[a]! + re[b]!;
      to.im[p] = im[a]! + im[b]!;
      to.re[q] = differenceRe * c - differenceIm * s;
      to.im[q] = differenceRe * s + differenceIm * c;
    }
  }
}

/** The same for any radix: `radix` transforms of length / radix each. */
function pass({ re, im }: Complex, to: Complex, length: number, stride: number, radix: number): void {
  const rest = length / radix;
  to.re.fill(0);
  to.im.fill(0);
  for (let k = 0; k < rest; k++) {
    for (let frequency = 0; frequency < radix; frequency++) {
      const target = (k * radix + frequency) * stride;
      for (let part = 0; part < radix; part++) {
        const angle = (-2 * Math.PI * ((frequency * (k + part * rest)) % length)) / length;
        const c = Math.cos(angle);
        const s = Math.sin(angle);
        for (let a = (k + part * rest) * stride, p = target; p < target + stride; a++, p++) {
          to.re[p]! += re[a]! * c - im[a]! * s;
          to.im[p]! += re[a]! * s + im[a]! * c;
        }
      }
    }
  }
}
