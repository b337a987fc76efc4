// What is known of the devices without asking the machine.
import type { Device } from '../../../../protocol/src/engine.ts';

/** A device that was taken, never `auto`. */
export type ChosenDevice = Exclude<Device, 'auto'>;

export interface DeviceChoice {
  device: ChosenDevice;
  /** Why other devices were not taken, one sentence each. */
  notes: string[];
}

/** Devices that `auto` tries before the CPU. coreml is left to an explicit wish: it computes in half precision. */
export const ACCELERATORS: readonly ChosenDevice[] =
  process.platform === 'win32'
    ? ['cuda', 'dml', 'webgpu']
    : process.platform === 'darwin'
      ? ['webgpu']
      : ['cuda', 'webgpu'];

/** Which kernels a graph for a device may count on. */
export function graphTarget(device: ChosenDevice): 'cpu' | 'portable' {
  return device === 'cpu' ? 'cpu' : 'portable';
}

/**
 * Whether tensors can stay in the device's memory from one session's run to the next. ONNX Runtime for Node binds
 * outputs to WebGPU buffers and to no other provider's memory (1.30); the others copy them out after every run.
 */
export function keepsTensors(device: ChosenDevice): boolean {
  return device === 'webgpu';
}
