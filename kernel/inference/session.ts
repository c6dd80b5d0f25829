import { InferenceSession, Tensor as OrtTensor } from 'onnxruntime-node';
import { KernelFailure, messageOf } from '../failure.ts';
import { fromFloat16, toFloat16 } from '../tensor/float16.ts';
import { tensor, type Tensor } from '../tensor/tensor.ts';
import { deviceName, type Provider } from './device.ts';
import { isOutOfMemory, OutOfMemory } from './outOfMemory.ts';

export interface SessionOptions {
  /** Where the graph runs; nodes the provider lacks run on the CPU. There is no silent change to another provider. */
  readonly provider: Provider;
  /** Which of several cards, counted from 0. */
  readonly index?: number;
  /** CPU threads of one run; by default one for each physical core. */
  readonly threads?: number;
}

/** A loaded model. Runs are serialised: some providers crash when two overlap. */
export interface Session {
  readonly inputNames: readonly string[];
  readonly outputNames: readonly string[];
  /**
   * Runs the graph once; blocks the event loop of its thread meanwhile. Tensors are float32 here, whatever the graph's inputs and outputs are.
   * @throws KernelFailure('device') if the run fails, OutOfMemory where that is why
   */
  run(feeds: Readonly<Record<string, Tensor>>): Promise<Record<string, Tensor>>;
  release(): Promise<void>;
}

/**
 * Loads a model by its path, so that external weights beside it are mapped and not copied.
 * @throws KernelFailure('device') naming the model and what the runtime says, OutOfMemory where that is why
 */
export async function openSession(path: string, options: SessionOptions): Promise<Session> {
  try {
    return new OrtSession(path, await InferenceSession.create(path, runtimeOptions(options)));
  } catch (error) {
    throw failure(`Cannot load ${path} on ${deviceName({ index: 0, ...options })}: ${messageOf(error)}`, error);
  }
}

function failure(message: string, cause: unknown): KernelFailure {
  return isOutOfMemory(cause) ? new OutOfMemory(message, { cause }) : new KernelFailure('device', message, { cause });
}

function runtimeOptions({ provider, index = 0, threads }: SessionOptions): InferenceSession.SessionOptions {
  return {
    executionProviders: [executionProvider(provider, index)],
    graphOptimizationLevel: 'all',
    logSeverityLevel: 3,                                               // errors only: warnings about nodes placed on the CPU say nothing to a user
    ...(threads === undefined ? {} : { intraOpNumThreads: threads }),
  };
}

function executionProvider(provider: Provider, deviceId: number): InferenceSession.ExecutionProviderConfig {
  switch (provider) {
    case 'cuda': return { name: 'cuda', deviceId };
    case 'dml': return { name: 'dml', deviceId };
    case 'webgpu': return { name: 'webgpu', storageBufferCacheMode: 'simple' };   // shapes are static: it lowers the peak
    case 'coreml': case 'cpu': return provider;
    default: return provider satisfies never;
  }
}

class OrtSession implements Session {
  readonly inputNames: readonly string[];
  readonly outputNames: readonly string[];
  readonly #session: InferenceSession;
  readonly #inputTypes: ReadonlyMap<string, OrtTensor.Type>;
  #lastRun: Promise<unknown> = Promise.resolve();

  constructor(readonly path: string, session: InferenceSession) {
    this.#session = session;
    this.inputNames = session.inputNames;
    this.outputNames = session.outputNames;
    this.#inputTypes = new Map(session.inputMetadata.map((input) => [input.name, input.isTensor ? input.type : 'float32']));
  }

  run(feeds: Readonly<Record<string, Tensor>>): Promise<Record<string, Tensor>> {
    const result = this.#lastRun.then(() => this.#runNow(feeds));
    this.#lastRun = result.catch(() => undefined);
    return result;
  }

  async release(): Promise<void> {
    await this.#lastRun;
    await this.#session.release();
  }

  async #runNow(feeds: Readonly<Record<string, Tensor>>): Promise<Record<string, Tensor>> {
    try {
      const inputs = Object.fromEntries(Object.entries(feeds).map(([name, value]) => [name, toOrt(value, this.#inputTypes.get(name) ?? 'float32')]));
      const outputs = await this.#session.run(inputs);
      return Object.fromEntries(Object.entries(outputs).map(([name, value]) => [name, fromOrt(name, value)]));
    } catch (error) {
      throw failure(`Running ${this.path} failed: ${messageOf(error)}`, error);
    }
  }
}

function toOrt({ data, shape }: Tensor, type: OrtTensor.Type): OrtTensor {
  if (type === 'float32') return new OrtTensor('float32', data, shape);
  if (type === 'float16') return new OrtTensor('float16', toFloat16(data), shape);
  if (type === 'int64') return new OrtTensor('int64', BigInt64Array.from(data, (value) => BigInt(Math.trunc(value))), shape);
  if (type === 'int32') return new OrtTensor('int32', Int32Array.from(data), shape);
  throw new TypeError(`inputs of type ${type} are not supported`);
}

function fromOrt(name: string, value: OrtTensor): Tensor {
  const { data } = value;
  if (data instanceof Float32Array) return tensor(data, value.dims);
  if (data instanceof Uint16Array && value.type === 'float16') return tensor(fromFloat16(data), value.dims);
  if (data instanceof BigInt64Array || data instanceof BigUint64Array) return tensor(Float32Array.from(data, Number), value.dims);
  if (ArrayBuffer.isView(data) && !(data instanceof DataView)) return tensor(Float32Array.from(data as ArrayLike<number>), value.dims);
  throw new TypeError(`output ${name} of type ${value.type} is not numeric`);
}
