/**
 * A Matroska stream of uncompressed frames (RFC 9559, codec V_UNCOMPRESSED): the plainest container that tells ffmpeg the presentation time
 * of each frame. Raw video on a pipe has no times, and older versions of ffmpeg cannot set them afterwards.
 */
const microsecond = 1000;                                               // TimestampScale in nanoseconds

/** Header of the stream. @param frameDuration nanoseconds, a hint for the encoder's rate control */
export function timedFramesHeader(width: number, height: number, frameDuration: number): Buffer {
  const track = element(0xae,
    element(0xd7, uint(1)), element(0x73c5, uint(1)), element(0x83, uint(1)), element(0x9c, uint(0)),
    element(0x23e383, uint(Math.round(frameDuration))), element(0x86, Buffer.from('V_UNCOMPRESSED')),
    element(0xe0, element(0xb0, uint(width)), element(0xba, uint(height)), element(0x2eb524, Buffer.from([0x52, 0x47, 0x42, 24]))));
  return Buffer.concat([
    element(0x1a45dfa3, element(0x4286, uint(1)), element(0x42f7, uint(1)), element(0x42f2, uint(4)), element(0x42f3, uint(8)), element(0x4282, Buffer.from('matroska')), element(0x4287, uint(4)), element(0x4285, uint(2))),
    id(0x18538067), unknownSize,
    element(0x1549a966, element(0x2ad7b1, uint(microsecond)), element(0x4d80, Buffer.from('difface')), element(0x5741, Buffer.from('difface'))),
    element(0x1654ae6b, track),
  ]);
}

/** What stands before a frame's bytes. @param time in seconds, not negative */
export function timedFrameHeader(time: number, bytes: number): Buffer {
  const block = Buffer.from([0x81, 0, 0, 0x80]);                        // track 1, time 0 within the cluster, key frame
  return Buffer.concat([id(0x1f43b675), size(clusterOverhead + bytes), element(0xe7, uint(Math.round(time * 1e6), 8)), id(0xa3), size(block.length + bytes), block]);
}

/** Timestamp (1 + 8 + 8), block id and size (1 + 8), block header (4). */
const clusterOverhead = 17 + 9 + 4;
const unknownSize = Buffer.from([0x01, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]);

function element(name: number, ...content: readonly Buffer[]): Buffer {
  const body = Buffer.concat([...content]);
  return Buffer.concat([id(name), size(body.length), body]);
}

function id(name: number): Buffer {
  const bytes: number[] = [];
  for (let rest = name; rest > 0; rest = Math.floor(rest / 256)) bytes.unshift(rest % 256);
  return Buffer.from(bytes);
}

/** Always eight bytes: one marker bit and 56 bits of length. */
function size(length: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64BE(BigInt(length) | (1n << 56n));
  return bytes;
}

function uint(value: number, length = 8): Buffer {
  const bytes = Buffer.alloc(length);
  bytes.writeBigUInt64BE(BigInt(value));
  return bytes;
}
