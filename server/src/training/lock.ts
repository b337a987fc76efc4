// One process a run folder: a lock file that names its holder, and is taken over when the holder is gone.
import { randomUUID } from 'node:crypto';
import { link, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { z } from 'zod';
import { PrmError, systemErrorCode } from '../support/errors.ts';
import { isProcessAlive } from '../support/processes.ts';
import { writeFailure } from './files.ts';

/** The lock's name in a run folder. */
export const LOCK_FILE = 'run.lock';

const holderSchema = z.object({ pid: z.int().positive(), host: z.string(), id: z.string() });
type Holder = z.infer<typeof holderSchema>;

/** Locks that this process holds or asks for: tells a live one from one left by an earlier process with our process id. */
const heldHere = new Set<string>();

/**
 * Takes the lock. A lock whose process no longer lives (killed, machine restarted) is taken over at once; a lock of
 * another machine cannot be checked and counts as held.
 *
 * @returns releases the lock
 * @throws PrmError where another process holds it
 */
export async function lockFile(file: string): Promise<() => Promise<void>> {
  const mine: Holder = { pid: process.pid, host: hostname(), id: randomUUID() };
  const draft = `${file}.${mine.id}.tmp`;
  // From here on: a draft that becomes the lock must not look like one of an earlier process.
  heldHere.add(mine.id);
  try {
    await writeFile(draft, JSON.stringify(mine));
    while (!(await linked(draft, file)) && !(await takenOver(draft, file)));
  } catch (error) {
    heldHere.delete(mine.id);
    throw writeFailure(file, error);
  } finally {
    await rm(draft, { force: true });
  }
  return async () => {
    heldHere.delete(mine.id);
    if ((await readHolder(file))?.id === mine.id) await rm(file, { force: true });
  };
}

/**
 * Whether a lock says that this process of this machine holds it.
 * @throws PrmError where the lock cannot be read
 */
export async function isHeldBy(file: string, pid: number): Promise<boolean> {
  const holder = await readHolder(file);
  return holder?.pid === pid && holder.host === hostname();
}

/** A hard link appears with its whole content, or fails because the name is taken: no half-written lock. */
async function linked(draft: string, file: string): Promise<boolean> {
  try {
    await link(draft, file);
    return true;
  } catch (error) {
    if (systemErrorCode(error) === 'EEXIST') return false;
    throw error;
  }
}

/**
 * Puts our draft in the place of a lock whose holder is gone; throws if the holder lives. False: look again.
 * A claim file named after the dead holder makes this the work of one process at a time; who holds the claim and
 * still finds the dead holder's lock in place may replace it, because nobody else can.
 */
async function takenOver(draft: string, file: string): Promise<boolean> {
  const holder = await readHolder(file);
  if (holder === undefined) return false; // Released meanwhile.
  if (isAlive(holder)) throw inUse(file, holder);
  const claim = `${file}.${holder.id}.claim`;
  if (!(await linked(draft, claim))) {
    const claimant = await readHolder(claim);
    // Killed within the few lines below. To repair that too would need a lock for the claim.
    if (claimant !== undefined && !isAlive(claimant)) throw inUse(claim, claimant);
    await new Promise((resolve) => setTimeout(resolve, 10));
    return false;
  }
  try {
    if ((await readHolder(file))?.id !== holder.id) return false;
    await rename(draft, file);
    return true;
  } finally {
    await rm(claim, { force: true });
  }
}

function inUse(file: string, { pid, host }: Holder): PrmError {
  return new PrmError({
    where: file,
    what: `This run folder is in use by process ${pid} on ${host}`,
    remedy: `Stop that run first, or choose another --output_dir. If it no longer runs, delete this file.`,
  });
}

async function readHolder(file: string): Promise<Holder | undefined> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    if (systemErrorCode(error) === 'ENOENT') return undefined;
    throw error;
  }
  try {
    return holderSchema.parse(JSON.parse(text));
  } catch (error) {
    throw new PrmError({
      where: file,
      what: 'The lock of this run folder cannot be read',
      remedy: 'Delete this file if no run is using the folder.',
      cause: error,
    });
  }
}

function isAlive({ pid, host, id }: Holder): boolean {
  if (host !== hostname()) return true;
  return pid === process.pid ? heldHere.has(id) : isProcessAlive(pid);
}
