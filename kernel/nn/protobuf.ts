/** Writes the fields of one protobuf message, in the order of the calls (https://protobuf.dev/programming-guides/encoding/). */
export interface MessageWriter {
  /** A varint field: an integer within ±2^53; negative ones as two's complement of 64 bits. */
  integer(field: number, value: number): void;
  /** A 32-bit float field. */
  float(field: number, value: number): void;
  text(field: number, value: string): void;
  bytes(field: number, value: Uint8Array): void;
  /** A nested message. */
  message(field: number, write: (inner: MessageWriter) => void): void;
}

const varint = 0;
const lengthDelimited = 2;
const fixed32 = 5;

/** Encodes one message: the bytes of the fields that `write` writes. Large byte fields are copied once, at the end. */
export function protobuf(write: (out: MessageWriter) => void): Uint8Array {
  const root = new Message();
  write(root);
  const bytes = new Uint8Array(root.length);
  root.copyTo(bytes, 0);
  return bytes;
}

class Message implements MessageWriter {
  #parts: (Uint8Array | Message)[] = [];
  #scratch = new Uint8Array(64);
  #used = 0;
  #length = 0;

  get length(): number {
    return this.#length;
  }

  integer(field: number, value: number): void {
    if (!Number.isSafeInteger(value)) throw new RangeError(`${value} is not an integer within ±2^53`);
    this.#varint(field * 8 + varint);
    this.#varint(value);
  }

  float(field: number, value: number): void {
    this.#varint(field * 8 + fixed32);
    for (const byte of new Uint8Array(new Float32Array([value]).buffer)) this.#byte(byte);   // little-endian hosts only, as ONNX data is
  }

  text(field: number, value: string): void {
    this.bytes(field, new TextEncoder().encode(value));
  }

  bytes(field: number, value: Uint8Array): void {
    this.#varint(field * 8 + lengthDelimited);
    this.#varint(value.length);
    if (value.length < 64) {
      for (const byte of value) this.#byte(byte);
      return;
    }
    this.#append(value, value.length);
  }

  message(field: number, write: (inner: MessageWriter) => void): void {
    const inner = new Message();
    write(inner);
    this.#varint(field * 8 + lengthDelimited);
    this.#varint(inner.length);
    this.#append(inner, inner.length);
  }

  copyTo(target: Uint8Array, offset: number): void {
    this.#flush();
    for (const part of this.#parts) {
      if (part instanceof Message) part.copyTo(target, offset);
      else target.set(part, offset);
      offset += part.length;
    }
  }

  #varint(value: number): void {
    if (value < 0 || value > 0xffff_ffff) {
      let rest = BigInt.asUintN(64, BigInt(value));
      for (; rest > 0x7fn; rest >>= 7n) this.#byte(Number(rest & 0x7fn) | 0x80);
      this.#byte(Number(rest));
      return;
    }
    let rest = value;
    for (; rest > 0x7f; rest >>>= 7) this.#byte((rest & 0x7f) | 0x80);
    this.#byte(rest);
  }

  #byte(value: number): void {
    if (this.#used === this.#scratch.length) this.#flush();
    this.#scratch[this.#used++] = value;
    this.#length++;
  }

  #append(part: Uint8Array | Message, length: number): void {
    this.#flush();
    this.#parts.push(part);
    this.#length += length;
  }

  #flush(): void {
    if (this.#used === 0) return;
    this.#parts.push(this.#scratch.slice(0, this.#used));
    this.#used = 0;
  }
}
