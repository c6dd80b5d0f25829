import { createRequire } from 'node:module';
import { arch, platform } from 'node:os';
import { dirname, join } from 'node:path';

/** Where ONNX Runtime keeps its libraries for this machine, and looks for those of providers. */
export function runtimeFolder(): string {
  const manifest = createRequire(import.meta.url).resolve('onnxruntime-node/package.json');
  return join(dirname(manifest), 'bin', 'napi-v6', platform(), arch());
}

/** The library that runs CUDA, whether it is there or not. */
export function cudaProvider(): string {
  return join(runtimeFolder(), platform() === 'win32' ? 'onnxruntime_providers_cuda.dll' : 'libonnxruntime_providers_cuda.so');
}
