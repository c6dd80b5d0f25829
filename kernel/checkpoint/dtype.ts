import { fromFloat16 } from '../tensor/float16.ts';

export type DType = 'float64' | 'float32' | 'float16' | 'bfloat16' | 'int64' | 'int32' | 'int16' | 'int8' | 'uint8' | 'bool';

export type Values = Float64Array | Float32Array | BigInt64Array | Int32Array | Int16Array | Int8Array | Uint8Array;

export const bytesOf: Readonly<Record<DType, number>> = { float64: 8, float32: 4, float16: 2, bfloat16: 2, int64: 8, int32: 4, int16: 2, int8: 1, uint8: 1, bool: 1 };

/** PyTorch's storage classes; those of quantised and complex numbers are left out on purpose. */
export const storageClasses: ReadonlyMap<string, DType> = new Map([
  ['DoubleStorage', 'float64'], ['FloatStorage', 'float32'], ['HalfStorage', 'float16'], ['BFloat16Storage', 'bfloat16'], ['LongStorage', 'int64'],
  ['IntStorage', 'int32'], ['ShortStorage', 'int16'], ['CharStorage', 'int8'], ['ByteStorage', 'uint8'], ['BoolStorage', 'bool'],
]);

/** Little-endian bytes as numbers; float16 and bfloat16 are widened to float32. */
export function decodeValues(dtype: DType, bytes: Uint8Array): Values {
  const copy = new Uint8Array(bytes).buffer;                                   // aligned
  switch (dtype) {
    case 'float64': return new Float64Array(copy);
    case 'float32': return new Float32Array(copy);
    case 'float16': return fromFloat16(new Uint16Array(copy));
    case 'bfloat16': {
      const words = new Uint16Array(copy);
      const bits = new Uint32Array(words.length);
      for (let i = 0; i < words.length; i++) bits[i] = words[i]! << 16;
      return new Float32Array(bits.buffer);
    }
    case 'int64': return new BigInt64Array(copy);
    case 'int32': return new Int32Array(copy);
    case 'int16': return new Int16Array(copy);
    case 'int8': return new Int8Array(copy);
    case 'uint8': case 'bool': return new Uint8Array(copy);
    default: return dtype satisfies never;
  }
}
