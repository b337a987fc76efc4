// `prm/startRun` and `prm/stopRun`: a training run is `prm train` as a process of its own, which survives this one.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { open, readFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { z } from 'zod';
import { DEVICES } from '../../../protocol/src/engine.ts';
import {
  FOLLOW_RUN,
  START_RUN,
  STOP_RUN,
  TRAINING_METHODS,
  type StartedRun,
  type StartRunParams,
  type RunFolderParams,
} from '../../../protocol/src/requests.ts';
import { messageOf, PrmError, systemErrorCode } from '../support/errors.ts';
import { isHeldBy } from '../support/lock.ts';
import { LOCK_FILE } from '../training/lock.ts';
import { resolveDataset } from './datasetPath.ts';
import { ActionableError, requireTrust } from './failures.ts';
import type { RunBook } from './runBook.ts';
import { logFileOf, type RunWatch } from './runWatch.ts';
import type { Workplace } from './workplace.ts';
import { makeFolder } from '../support/makeFolder.ts';

/** A run that refuses its options ends within this time, and the answer then is its reason. Milliseconds. */
const REFUSES_WITHIN = 5_000;
/** Between two looks for the first event of a run, milliseconds. */
const LOOK_INTERVAL = 100;

const startParams: z.ZodType<StartRunParams> = z.object({
  data: z.string().exactOptional(),
  dataset: z.string().exactOptional(),
  outputDir: z.string().min(1),
  modelName: z.string().min(1).exactOptional(),
  method: z.enum(TRAINING_METHODS).exactOptional(),
  stages: z.array(z.enum(TRAINING_METHODS)).min(1).exactOptional(),
  initFrom: z.string().min(1).exactOptional(),
  loraRank: z.int().positive().exactOptional(),
  maxMemory: z.string().min(1).exactOptional(),
  epochs: z.int().positive().exactOptional(),
  maxExamples: z.int().positive().exactOptional(),
  batchSize: z.int().positive().exactOptional(),
  learningRate: z.number().positive().exactOptional(),
  seed: z.int().exactOptional(),
  device: z.enum(DEVICES).exactOptional(),
  resume: z.boolean().exactOptional(),
  overwrite: z.boolean().exactOptional(),
});
const folderParams: z.ZodType<RunFolderParams> = z.object({ folder: z.string() });

export function serveTraining(workplace: Workplace, book: RunBook, watch: RunWatch): void {
  workplace.onRequest(START_RUN, startParams, async (params) => {
    requireTrust(workplace.trusted, 'Training');
    return startRun(workplace, book, watch, params);
  });

  workplace.onRequest(STOP_RUN, folderParams, async ({ folder }) => {
    requireTrust(workplace.trusted, 'Training');
    const { pid } = book.of(folder);
    // Events alone may come from anywhere, with any process's number; the lock is the run's own word that it lives.
    if (pid === undefined || !(await isHeldBy(path.join(folder, LOCK_FILE), pid))) {
      throw new PrmError({ where: folder, what: 'No training run is going on in this folder' });
    }
    try {
      // On Windows this ends the process at once: the run then goes on from its last regular checkpoint.
      process.kill(pid, 'SIGINT');
    } catch (error) {
      if (systemErrorCode(error) !== 'ESRCH') throw error; // Ended by itself meanwhile.
    }
    return null;
  });

  workplace.onRequest(FOLLOW_RUN, folderParams, ({ folder }) => {
    watch.tell(folder);
    return Promise.resolve(null);
  });
}

async function startRun(
  workplace: Workplace,
  book: RunBook,
  watch: RunWatch,
  params: StartRunParams,
): Promise<StartedRun> {
  const folder = workplace.resolvePath(params.outputDir);
  const logFile = logFileOf(folder);
  const at = Date.now();
  const options = await commandLine(workplace, params, folder);
  const { pid, exit, logStart } = await startProcess(workplace, folder, logFile, options);

  const follower = book.of(folder);
  follower.expect({ pid, at });
  const deadline = at + REFUSES_WITHIN;
  let state: 'waiting' | 'ended' = 'waiting';
  while (state === 'waiting' && Date.now() < deadline) {
    await follower.look();
    if (follower.hasBegun) break;
    state = await Promise.race([exit, wait(LOOK_INTERVAL, 'waiting' as const)]);
  }
  if (state === 'ended' && (await follower.look()).run.state !== 'done') {
    follower.expect(undefined);
    throw await reasonInLog(logFile, logStart);
  }
  watch.tell(folder);
  return { folder, logFile, pid };
}

async function commandLine(workplace: Workplace, params: StartRunParams, folder: string): Promise<string[]> {
  const { data, dataset, modelName, initFrom, stages } = params;
  const options: [string, string | number | undefined][] = [
    ['--data', data === undefined ? undefined : workplace.resolvePath(data)],
    ['--dataset', dataset === undefined ? undefined : await resolveDataset(workplace, dataset)],
    ['--output_dir', folder],
    ['--model_name', modelName === undefined ? undefined : modelArgument(workplace, modelName)],
    ['--method', params.method],
    ['--stages', stages?.join(',')],
    ['--init_from', initFrom === undefined ? undefined : workplace.resolvePath(initFrom)],
    ['--lora_rank', params.loraRank],
    ['--max_memory', params.maxMemory],
    ['--num_epochs', params.epochs],
    ['--max_examples', params.maxExamples],
    ['--batch_size', params.batchSize],
    ['--learning_rate', params.learningRate],
    ['--seed', params.seed],
    ['--device', params.device],
  ];
  return [
    'train',
    // One argument each: a value that begins with a dash is a value.
    ...options.flatMap(([name, value]) => (value === undefined ? [] : [`${name}=${value}`])),
    ...(params.resume === true ? ['--resume'] : []),
    ...(params.overwrite === true ? ['--overwrite'] : []),
  ];
}

/** A path as the workspace reads it; other names are for the command line, whose working folder is the workspace. */
function modelArgument(workplace: Workplace, name: string): string {
  return /^[~.]/.test(name) ? workplace.resolvePath(name) : name;
}

interface Started {
  pid: number;
  exit: Promise<'ended'>;
  /** Bytes that the log held before: an earlier run's words, or those of one that still goes on. */
  logStart: number;
}

/**
 * Detached, with a log of its own: neither a window's end nor the server's touches it.
 * @throws PrmError where the log cannot be written or the system refuses the process
 */
async function startProcess(
  workplace: Workplace,
  folder: string,
  logFile: string,
  options: string[],
): Promise<Started> {
  await makeFolder(path.dirname(folder)).catch((error: unknown) => {
    throw notWritable(path.dirname(folder), error);
  });
  const log = await open(logFile, 'a').catch((error: unknown) => {
    throw notWritable(logFile, error);
  });
  const cwd = workplace.folders[0] ?? path.dirname(folder);
  try {
    const { size: logStart } = await log.stat();
    workplace.log(`prm ${options.join(' ')} > ${logFile}`);
    const child = spawn(process.execPath, [workplace.bundles.cli, ...options], {
      cwd,
      detached: true,
      stdio: ['ignore', log.fd, log.fd],
      windowsHide: true,
      // VS Code's own executable runs as Node with this.
      env: { ...process.env, ELECTRON_RUN_AS_NODE: '1', NO_COLOR: '1' },
    });
    // Both are listened for before anything is awaited: an 'error' that nobody hears would end this server.
    const exit = new Promise<'ended'>((resolve) => child.once('exit', () => resolve('ended')));
    await once(child, 'spawn').catch((error: unknown) => {
      throw notStarted(cwd, error);
    });
    const { pid } = child;
    if (pid === undefined) throw notStarted(cwd, 'no process');
    child.unref();
    return { pid, exit, logStart };
  } finally {
    await log.close();
  }
}

function notWritable(where: string, error: unknown): PrmError {
  return new PrmError({
    where,
    what: `This place cannot be written (${systemErrorCode(error) ?? messageOf(error)})`,
    remedy: 'Choose another output folder.',
    cause: error,
  });
}

/** The system's message names the executable even where the folder to start in is what is missing. */
function notStarted(cwd: string, error: unknown): PrmError {
  return new PrmError({
    where: cwd,
    what: `Training could not be started in this folder (${messageOf(error)})`,
    remedy: 'Check that the folder is there; if it is, reload the window.',
    cause: error,
  });
}

/** The command line ends with one clear line: the same is said here. `logStart`: bytes of the log to leave out. */
async function reasonInLog(logFile: string, logStart: number): Promise<PrmError> {
  const text = (await readFile(logFile)).subarray(logStart).toString('utf8');
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  const reason = lines.findLast((line) => line.startsWith('prm: '))?.slice('prm: '.length) ?? lines.at(-1);
  const what =
    reason?.trim().replace(/\.$/, '') ?? `The training process ended without a word; its log is ${logFile}`;
  return new ActionableError({ what, actions: what.includes('--overwrite') ? ['overwrite'] : [] });
}
