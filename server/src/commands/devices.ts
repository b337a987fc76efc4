// `prm devices`: which devices work here, how fast they are, and why others do not.
import type { Command } from './command.ts';

/** What commander makes of the options declared below. */
export interface DevicesOptions {
  json?: boolean;
}

const HELP = `
Each device multiplies matrices in a process of its own, so that a broken graphics driver ends that process alone. The
speed counts the transfer of the numbers to the device and back. --device auto takes the first of cuda, dml (Windows)
and webgpu that works and is faster than the CPU.
Exit status: 0, whatever was found.`;

export const devicesCommand: Command = {
  name: 'devices',
  register(program, context) {
    program
      .command('devices')
      .description('Show which devices models can run on here, and how fast they are.')
      .option('--json', 'print one JSON object')
      .addHelpText('after', HELP)
      .action(async (options: DevicesOptions) => {
        const { devices } = await import('./devicesRun.ts');
        await devices(options, context);
      });
  },
};
