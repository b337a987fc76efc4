// Runs a command that reads datasets in a process of its own: a damaged file can make a decoder end its process without
// a word that helps, or keep it busy for ever; whoever typed the command still gets one clear line and a status.
import { spawn, type ChildProcess } from 'node:child_process';
import { EXIT } from './exit.ts';

/** Set for the process that does the work. */
const MARK = 'PRM_SUPERVISED';
/** Whether the supervisor's stderr is a terminal: the worker's own is a pipe. */
const TERMINAL = 'PRM_TERMINAL';
/** Between two signs of life, milliseconds. */
const BEAT = 1000;
/** Signs of life missed in a row. A piece of a sound file is read in seconds, also by a slow machine. */
const PATIENCE = 120;
/** What V8 and Node write when they end the process themselves. */
const LAST_WORDS =
  /^\s*<--- Last few GCs|^FATAL ERROR|^#\s*^# (?:Fatal|Check failed)|^\s*-+ Native stack trace/m;

export interface Supervised {
  /** The bundle that does the work, and what was typed behind `prm`. */
  script: string;
  argv: readonly string[];
  environment: NodeJS.ProcessEnv;
  stderr: NodeJS.WritableStream;
  interactive: boolean;
  /** Asks the work to stop, as Ctrl-C does. */
  signal?: AbortSignal;
  /** Signs of life that may be missed; for tests. */
  patience?: number;
}

/** Whether this process does the work itself. */
export function isSupervised(environment: NodeJS.ProcessEnv): boolean {
  return environment[MARK] === '1';
}

/** Whether progress may be drawn over itself on stderr. */
export function hasTerminal({ isTTY }: Partial<NodeJS.WriteStream>, environment: NodeJS.ProcessEnv): boolean {
  return isSupervised(environment) ? environment[TERMINAL] === '1' : isTTY === true;
}

/**
 * The supervised side: gives signs of life, and ends when the supervisor is gone.
 * Timer and channel keep no process alive that has finished.
 */
export function giveSignsOfLife(): void {
  if (process.send === undefined) return;
  setInterval(() => {
    if (process.connected) process.send?.('alive');
  }, BEAT).unref();
  process.on('disconnect', () => process.exit(EXIT.cancelled));
  process.channel?.unref();
}

/**
 * Does the work in another process, passing on its output, the signals, and its status.
 * @returns its exit status; 2 with one line on stderr where it died or hung
 */
export async function supervise(options: Supervised): Promise<number> {
  const { script, argv, environment, stderr, interactive, signal, patience = PATIENCE } = options;
  // A group of its own: Ctrl-C comes to the supervisor alone, which passes it on once.
  const child = spawn(process.execPath, [...process.execArgv, script, ...argv], {
    detached: true,
    windowsHide: true,
    stdio: ['ignore', 'inherit', 'pipe', 'ipc'],
    env: { ...environment, [MARK]: '1', [TERMINAL]: interactive ? '1' : '0' },
  });
  let missed = 0;
  let lastWords = false;
  child.on('message', () => (missed = 0));
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    if (lastWords) return;
    const end = text.search(LAST_WORDS);
    lastWords = end >= 0;
    // What was said before them may come in the same piece.
    const own = lastWords ? text.slice(0, end) : text;
    if (own !== '') stderr.write(own);
  });
  const watch = setInterval(() => {
    missed++;
    if (missed > patience) child.kill('SIGKILL');
  }, BEAT);
  const release = passSignalsTo(child);
  const stop = (): void => void child.kill('SIGINT');
  signal?.addEventListener('abort', stop, { once: true });
  try {
    const { status, killedBy } = await endOf(child);
    if (status !== null && !lastWords) return status;
    const how =
      missed > patience
        ? `gave no sign of life for ${patience} s and was ended`
        : `died (${killedBy ?? `status ${status}`})`;
    stderr.write(
      `prm: the process that reads the dataset ${how}. The file is probably damaged, or memory ran out. Check it, or fetch it again.\n`,
    );
    return EXIT.refused;
  } finally {
    clearInterval(watch);
    release();
    signal?.removeEventListener('abort', stop);
  }
}

function endOf(child: ChildProcess): Promise<{ status: number | null; killedBy: NodeJS.Signals | null }> {
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (status, killedBy) => {
      resolve({ status, killedBy });
    });
  });
}

/** @returns takes the listeners away again */
function passSignalsTo(child: ChildProcess): () => void {
  const listeners: [NodeJS.Signals, () => void][] = (['SIGINT', 'SIGTERM', 'SIGHUP'] as const).map(
    (signal) => [signal, () => child.kill(signal)],
  );
  if (process.platform !== 'win32') {
    // Ctrl-Z stops both, and `fg` lets both go on.
    listeners.push(
      [
        'SIGTSTP',
        () => {
          child.kill('SIGSTOP');
          process.kill(process.pid, 'SIGSTOP');
        },
      ],
      ['SIGCONT', () => child.kill('SIGCONT')],
    );
  }
  for (const [signal, listener] of listeners) process.on(signal, listener);
  return () => {
    for (const [signal, listener] of listeners) process.off(signal, listener);
  };
}
