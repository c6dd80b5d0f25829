/** A pickled dict; keys are whatever was pickled. */
export type PickledDict = Map<unknown, unknown>;

/** A name that the stream refers to, such as `torch._utils _rebuild_tensor_v2`; nothing is ever imported. */
export class PickledGlobal {
  constructor(readonly module: string, readonly name: string) {}

  get path(): string {
    return `${this.module}.${this.name}`;
  }
}

/** What the stream may do with names and persistent ids; the reader itself knows plain data alone. */
export interface PickleHost {
  /** @throws for a name that is not on the list */
  global(module: string, name: string): unknown;
  /** Result of calling `callee`, which came from `global`. @throws where it cannot be called */
  call(callee: unknown, args: readonly unknown[]): unknown;
  persistent(id: unknown): unknown;
}

export class PickleError extends Error {}

const stackLimit = 5_000_000;                                           // values on the stack; a real checkpoint has some thousands
const mark = Symbol('mark');

/**
 * Reads one pickled value, protocols 0 to 5 as far as PyTorch writes them (Python's pickletools), and never runs anything.
 * @returns the value and where the stream goes on
 * @throws PickleError for other instructions and for damaged streams
 */
export function readPickle(bytes: Uint8Array, start: number, host: PickleHost): { readonly value: unknown; readonly end: number } {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const stack: unknown[] = [];
  const memo = new Map<number, unknown>();
  let at = start;

  const need = (count: number): number => {
    if (!(count >= 0) || at + count > bytes.length) throw new PickleError('the data ends in the middle of a value');
    const from = at;
    at += count;
    return from;
  };
  const text = (count: number): string => {
    const from = need(count);
    return Buffer.from(bytes.buffer, bytes.byteOffset + from, count).toString('utf8');
  };
  const line = (): string => {
    const end = bytes.indexOf(10, at);
    if (end < 0 || end - at > 100_000) throw new PickleError('a line does not end');
    const value = text(end - at);
    at = end + 1;
    return value;
  };
  const long64 = (from: number): number => {
    const value = Number(view.getBigUint64(from, true));
    if (!Number.isSafeInteger(value)) throw new PickleError('a length is out of range');
    return value;
  };
  const pop = (): unknown => {
    if (stack.length === 0) throw new PickleError('it takes more values than there are');
    const value = stack.pop();
    if (value === mark) throw new PickleError('a mark stands where a value should');
    return value;
  };
  const popMark = (): unknown[] => {
    const from = stack.lastIndexOf(mark);
    if (from < 0) throw new PickleError('a mark is missing');
    const values = stack.splice(from);
    values.shift();
    return values;
  };
  const top = (): unknown => {
    if (stack.length === 0) throw new PickleError('it takes more values than there are');
    return stack[stack.length - 1];
  };
  const setItems = (items: readonly unknown[]): void => {
    const dict = top();
    if (!(dict instanceof Map) || items.length % 2 !== 0) throw new PickleError('items are set on something that is no dict');
    for (let i = 0; i < items.length; i += 2) dict.set(items[i], items[i + 1]);
  };
  const append = (items: readonly unknown[]): void => {
    const list = top();
    if (!Array.isArray(list)) throw new PickleError('items are appended to something that is no list');
    for (const item of items) list.push(item);
  };
  const recall = (key: number): void => {
    if (!memo.has(key)) throw new PickleError('it refers to a value that was not stored');
    stack.push(memo.get(key));
  };
  const integer = (count: number): number | bigint => {
    const from = need(count);
    let value = 0n;
    for (let i = count - 1; i >= 0; i--) value = (value << 8n) | BigInt(bytes[from + i]!);
    if (count > 0 && bytes[from + count - 1]! & 0x80) value -= 1n << BigInt(8 * count);
    return value >= BigInt(Number.MIN_SAFE_INTEGER) && value <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(value) : value;
  };

  for (;;) {
    if (stack.length > stackLimit) throw new PickleError('it holds more values than a checkpoint can');
    const opcode = bytes[need(1)]!;
    switch (opcode) {
      case 0x80: if (bytes[need(1)]! > 5) throw new PickleError('its pickle protocol is newer than 5'); break;                    // PROTO
      case 0x95: need(8); break;                                                                                                    // FRAME
      case 0x2e: return { value: pop(), end: at };                                                                                  // STOP
      case 0x28: stack.push(mark); break;                                                                                           // MARK
      case 0x30: stack.pop(); break;                                                                                                // POP
      case 0x31: popMark(); break;                                                                                                  // POP_MARK
      case 0x32: stack.push(top()); break;                                                                                          // DUP
      case 0x4e: stack.push(null); break;                                                                                           // NONE
      case 0x88: stack.push(true); break;                                                                                           // NEWTRUE
      case 0x89: stack.push(false); break;                                                                                          // NEWFALSE
      case 0x4b: stack.push(bytes[need(1)]); break;                                                                                 // BININT1
      case 0x4d: stack.push(view.getUint16(need(2), true)); break;                                                                  // BININT2
      case 0x4a: stack.push(view.getInt32(need(4), true)); break;                                                                   // BININT
      case 0x8a: stack.push(integer(bytes[need(1)]!)); break;                                                                       // LONG1
      case 0x8b: { const length = view.getInt32(need(4), true); if (length > 64) throw new PickleError('an integer is out of range'); stack.push(integer(length)); break; }   // LONG4
      case 0x49: { const word = line(); stack.push(word === '01' ? true : word === '00' ? false : Number(word)); break; }           // INT
      case 0x4c: stack.push(Number(line().replace(/L$/, ''))); break;                                                               // LONG
      case 0x47: stack.push(view.getFloat64(need(8), false)); break;                                                                // BINFLOAT
      case 0x46: stack.push(Number(line())); break;                                                                                 // FLOAT
      case 0x58: stack.push(text(view.getUint32(need(4), true))); break;                                                            // BINUNICODE
      case 0x8c: stack.push(text(bytes[need(1)]!)); break;                                                                          // SHORT_BINUNICODE
      case 0x8d: stack.push(text(long64(need(8)))); break;                                                                          // BINUNICODE8
      case 0x56: stack.push(line()); break;                                                                                         // UNICODE
      case 0x55: stack.push(text(bytes[need(1)]!)); break;                                                                          // SHORT_BINSTRING
      case 0x54: stack.push(text(view.getInt32(need(4), true))); break;                                                             // BINSTRING
      case 0x43: { const n = bytes[need(1)]!; const from = need(n); stack.push(bytes.slice(from, from + n)); break; }               // SHORT_BINBYTES
      case 0x42: { const n = view.getUint32(need(4), true); const from = need(n); stack.push(bytes.slice(from, from + n)); break; } // BINBYTES
      case 0x29: stack.push([]); break;                                                                                             // EMPTY_TUPLE
      case 0x5d: stack.push([]); break;                                                                                             // EMPTY_LIST
      case 0x7d: stack.push(new Map()); break;                                                                                      // EMPTY_DICT
      case 0x8f: stack.push([]); break;                                                                                             // EMPTY_SET
      case 0x85: stack.push([pop()]); break;                                                                                        // TUPLE1
      case 0x86: { const b = pop(); stack.push([pop(), b]); break; }                                                                // TUPLE2
      case 0x87: { const c = pop(); const b = pop(); stack.push([pop(), b, c]); break; }                                            // TUPLE3
      case 0x74: case 0x6c: case 0x91: stack.push(popMark()); break;                                                                // TUPLE, LIST, FROZENSET
      case 0x64: { const items = popMark(); stack.push(new Map()); setItems(items); break; }                                        // DICT
      case 0x61: append([pop()]); break;                                                                                            // APPEND
      case 0x65: case 0x90: append(popMark()); break;                                                                               // APPENDS, ADDITEMS
      case 0x73: { const value = pop(); const key = pop(); setItems([key, value]); break; }                                         // SETITEM
      case 0x75: setItems(popMark()); break;                                                                                        // SETITEMS
      case 0x71: memo.set(bytes[need(1)]!, top()); break;                                                                           // BINPUT
      case 0x72: memo.set(view.getUint32(need(4), true), top()); break;                                                             // LONG_BINPUT
      case 0x70: memo.set(Number(line()), top()); break;                                                                            // PUT
      case 0x94: memo.set(memo.size, top()); break;                                                                                 // MEMOIZE
      case 0x68: recall(bytes[need(1)]!); break;                                                                                    // BINGET
      case 0x6a: recall(view.getUint32(need(4), true)); break;                                                                      // LONG_BINGET
      case 0x67: recall(Number(line())); break;                                                                                     // GET
      case 0x63: { const module = line(); stack.push(host.global(module, line())); break; }                                         // GLOBAL
      case 0x93: {                                                                                                                  // STACK_GLOBAL
        const name = pop();
        const module = pop();
        if (typeof name !== 'string' || typeof module !== 'string') throw new PickleError('a name is no text');
        stack.push(host.global(module, name));
        break;
      }
      case 0x52: case 0x81: {                                                                                                       // REDUCE, NEWOBJ
        const args = pop();
        const callee = pop();
        if (!Array.isArray(args)) throw new PickleError('arguments are no tuple');
        stack.push(host.call(callee, args));
        break;
      }
      case 0x62: pop(); break;                                                                                                      // BUILD: attributes of an object, such as _metadata, are no weights
      case 0x51: stack.push(host.persistent(pop())); break;                                                                         // BINPERSID
      default: throw new PickleError(`instruction 0x${opcode.toString(16)} does not belong into a checkpoint`);
    }
  }
}
