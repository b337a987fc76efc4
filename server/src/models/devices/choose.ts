// Decides where to run.
import { readdir } from 'node:fs/promises';
import type { Device } from '../../../../protocol/src/engine.ts';
import { ACCELERATORS, type ChosenDevice, type DeviceChoice } from './device.ts';
import { probeDevice, type DeviceReport } from './probe.ts';

let automaticChoice: Promise<DeviceChoice> | undefined;

/**
 * `auto` takes the first accelerator that multiplies matrices right and faster than the CPU, and the CPU where none
 * does; the check takes some tenths of a second for each, once in a process. Any other wish is taken as it is.
 */
export function chooseDevice(device: Device): Promise<DeviceChoice> {
  if (device !== 'auto') return Promise.resolve({ device, notes: [] });
  automaticChoice ??= automaticDevice();
  return automaticChoice;
}

/**
 * What `auto` takes.
 * @param reports of devices that were tried already
 * @param probe tries another one; called for those that the choice depends on
 */
export async function automaticDevice(
  reports: readonly DeviceReport[] = [],
  probe: (device: ChosenDevice) => Promise<DeviceReport> = probeDevice,
): Promise<DeviceChoice> {
  if (!(await graphicsProcessorVisible())) {
    return { device: 'cpu', notes: ['No graphics processor is visible to this process.'] };
  }
  return fastestDevice(reports, probe);
}

/** The first accelerator that is faster than the CPU; the CPU where none is. */
export async function fastestDevice(
  reports: readonly DeviceReport[],
  probe: (device: ChosenDevice) => Promise<DeviceReport>,
): Promise<DeviceChoice> {
  const reportOf = async (wanted: ChosenDevice) =>
    reports.find(({ device }) => device === wanted) ?? (await probe(wanted));
  const cpu = await reportOf('cpu');
  const cpuRate = cpu.works ? cpu.gigaflops : 0;
  const notes: string[] = [];
  for (const device of ACCELERATORS) {
    const report = await reportOf(device);
    if (report.works && report.gigaflops > cpuRate) return { device, notes };
    notes.push(
      `${device}: ${
        report.works
          ? `slower than the CPU (matrix products at ${report.gigaflops.toFixed(1)} GFLOP/s against ${cpuRate.toFixed(1)})`
          : report.reason
      }.`,
    );
  }
  return { device: 'cpu', notes };
}

/**
 * Whether it is worth loading graphics libraries. Linux shows every processor as a device file (dxg under WSL);
 * elsewhere one is always there.
 */
async function graphicsProcessorVisible(): Promise<boolean> {
  if (process.platform !== 'linux') return true;
  const devices = await readdir('/dev');
  return devices.some((name) => name === 'dri' || name === 'dxg' || name.startsWith('nvidia'));
}
