// The devices of this machine, for tests that run on every one that is present. `prm devices` finds the same.
// Without a graphics processor, WebGPU runs on Chromium's software one, slowly but truly: start the tests with
// VK_ICD_FILENAMES=/usr/lib/chromium/vk_swiftshader_icd.json (and libvulkan1 installed, or its folder in LD_LIBRARY_PATH).
import path from 'node:path';
import type { ChosenDevice } from '../../server/src/models/devices/device.ts';
import { probeDevice, type DeviceReport, type ProbeProgram } from '../../server/src/models/devices/probe.ts';

/** From the sources: unit tests need no build. */
const PROGRAM: ProbeProgram = {
  file: path.resolve(import.meta.dirname, '../../server/src/models/devices/deviceProbe.ts'),
  execArgv: ['--import', 'tsx'],
  // A software device beside other tests.
  patience: 120_000,
};

const ALL: readonly ChosenDevice[] = ['cpu', 'webgpu', 'cuda', 'dml', 'coreml'];

/** Tries all devices, each in a process of its own. */
export function triedDevices(): Promise<DeviceReport[]> {
  return Promise.all(ALL.map((device) => probeDevice(device, PROGRAM)));
}
