// Tries a device: does a small product come out right on it, and how fast?
import { fork } from 'node:child_process';
import { existsSync } from 'node:fs';
import { messageOf, PrmError } from '../../support/errors.ts';
import { adapterName } from './adapter.ts';
import type { ChosenDevice } from './device.ts';
import { probeAnswerSchema, type ProbeAnswer } from './probeAnswer.ts';
import { probeProgram } from './probeProgram.ts';
import { plainReason } from './reason.ts';

/** What became of a trial. */
export type DeviceReport = {
  device: ChosenDevice;
  /** What the device is called, where the system says so. */
  adapter: string | undefined;
} & (WorkingDevice | { works: false; reason: string });

interface WorkingDevice {
  works: true;
  /** Of a product of two square matrices, the transfer of its numbers included. */
  milliseconds: number;
  /** Their rows and columns. */
  size: number;
  /** A multiplication and an addition for each of size³ pairs of numbers. */
  gigaflops: number;
}

/** How the program that tries a device is started. */
export interface ProbeProgram {
  file: string;
  execArgv?: readonly string[];
  /** Milliseconds after which a device counts as hung. */
  patience?: number;
}

/** Compiling the first shaders takes a driver seconds; a device that takes longer than this is of no use. */
const PATIENCE = 30_000;

/**
 * Tries a device in a process of its own, some tenths of a second long.
 * @throws PrmError where the program that tries it is missing
 */
export async function probeDevice(
  device: ChosenDevice,
  program: ProbeProgram = { file: probeProgram() },
): Promise<DeviceReport> {
  const answer = await ask(device, program);
  const adapter = await adapterName(device);
  if ('failure' in answer) return { device, adapter, works: false, reason: plainReason(answer.failure) };
  const { milliseconds, size } = answer;
  const gigaflops = (2 * size ** 3) / milliseconds / 1e6;
  return { device, adapter, works: true, milliseconds, size, gigaflops };
}

function ask(device: ChosenDevice, program: ProbeProgram): Promise<ProbeAnswer> {
  const { file, execArgv = [], patience = PATIENCE } = program;
  if (!existsSync(file)) {
    throw new PrmError({
      where: file,
      what: 'The program that tries devices is missing',
      remedy: 'Install the extension again, or run `npm run build` in a source checkout.',
    });
  }
  return new Promise((resolve) => {
    const child = fork(file, [device], {
      // Inside VS Code the running program is Electron, which is Node only when told so.
      env: { ...process.env, ELECTRON_RUN_AS_NODE: '1' },
      execArgv: [...execArgv],
      // Graphics libraries write what they miss to standard error; the answer comes by message.
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    });
    const late = setTimeout(() => {
      resolve({ failure: `It gave no answer within ${patience / 1000} s` });
      child.kill('SIGKILL');
    }, patience);
    child.on('message', (message) => {
      const answer = probeAnswerSchema.safeParse(message);
      resolve(answer.success ? answer.data : { failure: 'Its answer could not be read' });
    });
    child.on('error', (error) => {
      resolve({ failure: `The process that tries it could not be started (${messageOf(error)})` });
    });
    child.on('close', (status, signal) => {
      clearTimeout(late);
      // After an answer this changes nothing.
      resolve({ failure: `Its libraries ended the process that tried it (${signal ?? `status ${status}`})` });
    });
  });
}
