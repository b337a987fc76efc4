// Hidden folders for half-written output. Each is named after its process, so that those of killed ones can be removed.
import { createHash, randomBytes } from 'node:crypto';
import { mkdir, readdir, rm } from 'node:fs/promises';
import { hostname } from 'node:os';
import path from 'node:path';
import { getEnvironmentData, setEnvironmentData } from 'node:worker_threads';
import { systemErrorCode } from '../support/errors.ts';
import { isProcessAlive } from '../support/processes.ts';

/** Start of the names of all hidden files and folders of ours. */
export const HIDDEN = '.prm-format-';

/** Host names may be long or hold odd characters; a part of their hash will do to tell machines apart. */
const HOST = createHash('sha256').update(hostname()).digest('hex').slice(0, 8);

const NAME = /^\.prm-format-(?<host>[0-9a-f]{8})-(?<pid>[1-9][0-9]*)-(?<run>[0-9a-f]{6})[0-9a-f]{6}$/;

const RUN_KEY = 'prm-workbench.run';
const RUN_BYTES = 3;

/**
 * In all names that this process gives, whichever of its threads: tells its folders from those of an earlier process that
 * had the same process id. A thread inherits it from the one that started it.
 */
const RUN = runOfThisProcess();

function runOfThisProcess(): string {
  const inherited = getEnvironmentData(RUN_KEY);
  if (typeof inherited === 'string') return inherited;
  const run = randomBytes(RUN_BYTES).toString('hex');
  setEnvironmentData(RUN_KEY, run);
  return run;
}

/** @returns the path of a new, empty folder in `parent`, which has to be there */
export async function makeTemporaryFolder(parent: string): Promise<string> {
  const name = `${HIDDEN}${HOST}-${process.pid}-${RUN}${randomBytes(6 - RUN_BYTES).toString('hex')}`;
  const folder = path.join(parent, name);
  // Not mkdtemp: its folders are closed to other users, and this one may become the output folder.
  await mkdir(folder);
  return folder;
}

/**
 * Whether the process that gave the name may still be at work; of another machine's processes nobody can tell.
 * @param hereToo of a name that this process gave: whether it is still at work
 */
export function mayBeAtWork(name: string, hereToo: boolean): boolean {
  const { host, pid, run } = NAME.exec(name)?.groups ?? {};
  if (host === undefined) return false;
  if (host !== HOST) return true;
  return Number(pid) === process.pid ? hereToo && run === RUN : isProcessAlive(Number(pid));
}

/**
 * Removes the temporary folders in `parent` whose process was killed before it could. Those of live processes stay, and
 * those of other machines, whose processes cannot be asked for.
 */
export async function removeLeftovers(parent: string): Promise<void> {
  for (const name of await unlessForbidden(readdir(parent), [])) {
    if (isLeftover(name)) {
      await unlessForbidden(rm(path.join(parent, name), { recursive: true, force: true }), undefined);
    }
  }
}

function isLeftover(name: string): boolean {
  const { host, pid, run } = NAME.exec(name)?.groups ?? {};
  if (host !== HOST) return false;
  return Number(pid) === process.pid ? run !== RUN : !isProcessAlive(Number(pid));
}

/** What another user left, in a folder such as /tmp, is not ours to remove, and no reason to stop. */
async function unlessForbidden<T>(work: Promise<T>, otherwise: T): Promise<T> {
  try {
    return await work;
  } catch (error) {
    const code = systemErrorCode(error);
    if (code === 'EACCES' || code === 'EPERM') return otherwise;
    throw error;
  }
}
