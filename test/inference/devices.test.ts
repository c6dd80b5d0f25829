import { strict as assert } from 'node:assert';
import { describe, it } from 'mocha';
import { clearReason } from '../../kernel/inference/clearReason.ts';

describe('why a device cannot be used', () => {
  for (const [said, reason] of [
    ['Cannot load /tmp/difface-probe-B6ioj7/probe.onnx on cuda: OrtSessionOptionsAppendExecutionProvider_Cuda: Failed to load shared library', 'Failed to load shared library'],
    [
      'Cannot load /tmp/difface-probe-L6CuZR/probe.onnx on webgpu: /onnxruntime_src/onnxruntime/core/providers/webgpu/webgpu_context.cc:136 onnxruntime::webgpu::WebGpuContext::Initialize(const onnxruntime::webgpu::WebGpuContextConfig&)::<lambda()> adapter_result.status == wgpu::RequestAdapterStatus::Success was false. Failed to get a WebGPU adapter: No supported adapters',
      'Failed to get a WebGPU adapter: No supported adapters',
    ],
    [
      'Cannot load /tmp/p.onnx on cuda: /onnxruntime_src/onnxruntime/core/session/provider_bridge_ort.cc:2251 onnxruntime::Provider& onnxruntime::ProviderLibrary::Get() [ONNXRuntimeError] : 1 : FAIL : Failed to load library /opt/app/bin/libonnxruntime_providers_cuda.so with error: libcublasLt.so.12: cannot open shared object file: No such file or directory. See the documentation at https://onnxruntime.ai/',
      'Failed to load library libonnxruntime_providers_cuda.so with error: libcublasLt.so.12: cannot open shared object file: No such file or directory',
    ],
    ['the inference process ended by SIGSEGV in the middle of its work; try again', 'the inference process ended by SIGSEGV in the middle of its work; try again'],
    ['computes wrong numbers (7, 10, 15.5, 22)', 'computes wrong numbers (7, 10, 15.5, 22)'],
  ] as const) it(reason, () => {
    assert.equal(clearReason(said), reason);
  });
});
