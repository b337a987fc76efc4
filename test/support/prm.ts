// Runs the built command line as a person would, and says how it ended and how much memory it took.
import { spawn, type ChildProcess } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { CLI_FILE } from './bundles.ts';

export interface RunOptions {
  cwd: string;
  environment?: NodeJS.ProcessEnv;
  /** Most blocks (of 512 or 1024 bytes) of any file that it writes; not on Windows. */
  fileLimit?: number;
  /** Called every 20 ms. */
  whileRunning?: (child: ChildProcess) => void;
}

export interface Ended {
  status: number | null;
  stdout: string;
  stderr: string;
  /** Highest resident memory that was seen in the process or in one that it started, MB; 0 where the system does not tell. */
  peakMegabytes: number;
}

export function runPrm(
  argv: readonly string[],
  { cwd, environment, fileLimit, whileRunning }: RunOptions,
): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const prm = [process.execPath, CLI_FILE, ...argv];
    const limited = ['sh', '-c', `ulimit -f ${fileLimit}; exec "$@"`, 'sh', ...prm];
    const [program = '', ...rest] = fileLimit === undefined ? prm : limited;
    const child = spawn(program, rest, {
      cwd,
      env: { ...process.env, ...environment },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const ended = { stdout: '', stderr: '', peakMegabytes: 0 };
    child.stdout.on('data', (text) => (ended.stdout += String(text)));
    child.stderr.on('data', (text) => (ended.stderr += String(text)));
    const watch = setInterval(() => {
      whileRunning?.(child);
      ended.peakMegabytes = Math.max(ended.peakMegabytes, ...familyOf(child.pid).map(peakOf));
    }, 20);
    child.on('error', reject);
    child.on('close', (status) => {
      clearInterval(watch);
      resolve({ status, ...ended });
    });
  });
}

/** A process and its children, where /proc tells. */
function familyOf(pid: number | undefined): number[] {
  if (pid === undefined) return [];
  const children = readOrEmpty(`/proc/${pid}/task/${pid}/children`).trim();
  return [
    pid,
    ...children
      .split(' ')
      .filter((text) => text !== '')
      .map(Number),
  ];
}

function peakOf(pid: number): number {
  const kilobytes = /^VmHWM:\s+(\d+) kB/m.exec(readOrEmpty(`/proc/${pid}/status`))?.[1];
  return Number(kilobytes ?? 0) / 1024;
}

function readOrEmpty(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    // The process has just ended, or this is no Linux.
    return '';
  }
}
