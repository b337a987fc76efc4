// What `prm devices` does: tries every device, one after the other, and prints what became of it.
import picocolors from 'picocolors';
import { DEVICES } from '../../../protocol/src/engine.ts';
import { automaticDevice } from '../models/devices/choose.ts';
import type { DeviceChoice } from '../models/devices/device.ts';
import { probeDevice, type DeviceReport } from '../models/devices/probe.ts';
import { throwIfCancelled } from '../support/errors.ts';
import type { CommandContext } from './command.ts';
import type { DevicesOptions } from './devices.ts';

/** @throws PrmError where the program that tries devices is missing */
export async function devices(options: DevicesOptions, context: CommandContext): Promise<void> {
  const { signal, stdout, colour } = context;
  const reports: DeviceReport[] = [];
  for (const device of DEVICES) {
    if (device === 'auto') continue;
    reports.push(await probeDevice(device));
    throwIfCancelled(signal);
  }
  const auto = await automaticDevice(reports);
  stdout.write(
    options.json === true
      ? `${JSON.stringify({ devices: reports, auto }, null, 2)}\n`
      : devicesText(reports, auto, colour),
  );
}

/** One line a device, then what `auto` takes and why. */
function devicesText(reports: readonly DeviceReport[], auto: DeviceChoice, colour: boolean): string {
  const { bold, dim, green } = picocolors.createColors(colour);
  const width = Math.max(...reports.map(({ device }) => device.length));
  const lines = reports.map((report) => {
    const { device, adapter } = report;
    const name = device.padEnd(width);
    if (!report.works) return `${name}  ${dim(`no     ${report.reason}.`)}`;
    const rate = report.gigaflops.toPrecision(3);
    const product = dim(`(${report.size}³ product in ${report.milliseconds.toFixed(1)} ms)`);
    return `${bold(name)}  ${green('works')}  ${rate} GFLOP/s ${product}${adapter === undefined ? '' : `  ${adapter}`}`;
  });
  return [...lines, '', `auto takes ${bold(auto.device)}.`, ...auto.notes.map(dim), ''].join('\n');
}
