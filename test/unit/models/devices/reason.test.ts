// Native errors in a person's words.
import { expect, it } from 'vitest';
import { plainReason } from '../../../../server/src/models/devices/reason.ts';

it.each([
  [
    '/onnxruntime_src/core/providers/webgpu/webgpu_context.cc:136 auto::operator() status == Success was false. Failed to get a WebGPU adapter: No supported adapters',
    'No graphics processor was found by its driver (Vulkan, Direct3D 12 or Metal)',
  ],
  [
    'OrtSessionOptionsAppendExecutionProvider_Cuda: Failed to load shared library',
    'The CUDA libraries of ONNX Runtime are not installed',
  ],
  ['/src/ep.cc:7 void f() device.ok() was false. The device was lost.\nstack', 'The device was lost'],
  ['A matrix product came out wrong', 'A matrix product came out wrong'],
])('%s', (failure, reason) => {
  expect(plainReason(failure)).toBe(reason);
});
