// What ONNX Runtime says where something failed, as people read it.

/** What ONNX Runtime writes where a device is not there, by what it means to a person. */
const REASONS: readonly [RegExp, string][] = [
  [
    /No supported adapters|Failed to get a WebGPU adapter/,
    'No graphics processor was found by its driver (Vulkan, Direct3D 12 or Metal)',
  ],
  [
    /providers_shared|providers_cuda|Failed to load shared library/,
    'The CUDA libraries of ONNX Runtime are not installed',
  ],
];

/** Why a device or a model on it failed, in one line without a full stop and without the source positions of a native library. */
export function plainReason(failure: string): string {
  const known = REASONS.find(([pattern]) => pattern.test(failure));
  if (known !== undefined) return known[1];
  return failure
    .split('\n', 1)[0]
    .replace(/^\/\S+:\d+ .*? was false\. /, '')
    .replace(/\.$/, '');
}
