// What the system calls a device.
import { readdir, readFile } from 'node:fs/promises';
import { availableParallelism, cpus } from 'node:os';
import path from 'node:path';
import type { ChosenDevice } from './device.ts';

/** Where the kernel module of NVIDIA describes its processors, on Linux. */
const NVIDIA = '/proc/driver/nvidia/gpus';

/** The name of a device, undefined where the system does not say it in a file. */
export async function adapterName(device: ChosenDevice): Promise<string | undefined> {
  const model = cpus()[0]?.model.trim() ?? process.arch;
  if (device === 'cpu') return `${model}, ${availableParallelism()} threads`;
  // The graphics processor is part of the chip.
  if (process.platform === 'darwin') return model;
  // A driver that the loader was pointed to goes before those of the machine.
  const driver =
    device === 'webgpu' && process.platform === 'linux' ? process.env.VK_ICD_FILENAMES : undefined;
  if (driver) return path.basename(driver, '.json');
  return process.platform === 'linux' ? await nvidiaName() : undefined;
}

async function nvidiaName(): Promise<string | undefined> {
  try {
    for (const processor of await readdir(NVIDIA)) {
      const text = await readFile(path.join(NVIDIA, processor, 'information'), 'utf8');
      const name = /^Model:\s*(.+)$/m.exec(text)?.[1];
      if (name !== undefined) return name.trim();
    }
  } catch {
    // No NVIDIA driver: then there is no name to tell.
  }
  return undefined;
}
