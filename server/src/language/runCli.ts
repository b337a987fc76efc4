// A `prm` command as a process of its own, whose answer is one JSON object: what loads ONNX Runtime or reads datasets
// does so outside of the language server.
import { spawn, type ChildProcessByStdio } from 'node:child_process';
import { createInterface } from 'node:readline/promises';
import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import type { z } from 'zod';
import { CancelledError, messageOf, PrmError, throwIfCancelled } from '../support/errors.ts';
import { failureIn } from '../support/toldFailure.ts';
import { progressIn, TELL_PROGRESS, type ToldProgress } from '../support/toldProgress.ts';
import type { Workplace } from './workplace.ts';

export interface CliHooks {
  signal: AbortSignal;
  onProgress?: ((progress: ToldProgress) => void) | undefined;
  /** For the process alone: what is in here is never logged. */
  environment?: NodeJS.ProcessEnv;
}

/**
 * @param options as they are typed; `--json` is added
 * @throws PrmError with the command's own words where it refuses, or where its answer is no such object
 * @throws CancelledError where the signal stops it
 */
export async function runCli<Answer>(
  workplace: Workplace,
  options: readonly string[],
  schema: z.ZodType<Answer>,
  { signal, onProgress = () => undefined, environment = {} }: CliHooks,
): Promise<Answer> {
  const command = `prm ${options.join(' ')}`;
  throwIfCancelled(signal);
  workplace.log(command);
  const child = spawn(process.execPath, [workplace.bundles.cli, ...options, '--json'], {
    ...(workplace.folders[0] === undefined ? {} : { cwd: workplace.folders[0] }),
    // By the channel the command knows that this server is gone, and stops.
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    windowsHide: true,
    // VS Code's own executable runs as Node with this.
    env: { ...process.env, ...environment, ELECTRON_RUN_AS_NODE: '1', NO_COLOR: '1', [TELL_PROGRESS]: '1' },
    // With a channel, the types no longer tell which streams there are.
  }) as ChildProcessByStdio<null, Readable, Readable>;
  // As a person would: the command then ends what it started itself.
  const stop = (): void => void child.kill('SIGINT');
  signal.addEventListener('abort', stop, { once: true });
  try {
    const closed = new Promise<number | null>((resolve, reject) => {
      child.once('error', reject);
      child.once('close', resolve);
    });
    const complaining = complaintIn(child.stderr, onProgress);
    const [status, answer, complaint] = await Promise.all([closed, text(child.stdout), complaining]);
    if (signal.aborted) throw new CancelledError();
    if (status !== 0) throw complaint.failure ?? refusal(command, complaint.lines);
    return parsed(command, answer, schema);
  } finally {
    signal.removeEventListener('abort', stop);
  }
}

interface Complaint {
  /** Why the command refuses, where it told so in parts. */
  failure: PrmError | undefined;
  /** What it said to people. */
  lines: string[];
}

/** What stderr says beside progress, which is passed on. */
async function complaintIn(
  stderr: Readable,
  onProgress: (progress: ToldProgress) => void,
): Promise<Complaint> {
  const complaint: Complaint = { failure: undefined, lines: [] };
  for await (const line of createInterface(stderr)) {
    const progress = progressIn(line);
    const failure = failureIn(line);
    if (progress !== undefined) onProgress(progress);
    else if (failure !== undefined) complaint.failure = failure;
    else if (line.trim() !== '') complaint.lines.push(line);
  }
  return complaint;
}

/** The command line ends with one clear line: the same is said here. A process that broke names its error before other words. */
function refusal(command: string, lines: readonly string[]): PrmError {
  const said =
    lines.findLast((line) => line.startsWith('prm: '))?.slice('prm: '.length) ??
    lines.find((line) => /^\w*Error\b/.test(line)) ??
    lines.at(-1);
  return new PrmError({ what: said?.trim().replace(/\.$/, '') ?? `${command} ended without a word` });
}

function parsed<Answer>(command: string, answer: string, schema: z.ZodType<Answer>): Answer {
  try {
    return schema.parse(JSON.parse(answer));
  } catch (error) {
    throw new PrmError({
      what: `The answer of ${command} could not be read (${messageOf(error)})`,
      remedy: 'Build or install the extension again: its parts are of different versions.',
      cause: error,
    });
  }
}
