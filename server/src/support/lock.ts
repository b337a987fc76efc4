// A lock file that names its holder, and is taken over when the holder is gone.
import { randomUUID } from 'node:crypto';
import { link, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { z } from 'zod';
import { PrmError, systemErrorCode } from './errors.ts';
import { isProcessAlive } from './processes.ts';

const holderSchema = z.object({ pid: z.int().positive(), host: z.string(), id: z.string() });
export type Holder = z.infer<typeof holderSchema>;

/** Locks that this process holds or asks for: tells a live one from one left by an earlier process with our process id. */
const heldHere = new Set<string>();

/** Who has the lock instead. `file` is what to delete by hand where that process no longer runs. */
export interface HeldLock {
  holder: Holder;
  file: string;
}

/**
 * Takes the lock, or tells who has it. A lock whose process no longer lives (killed, machine restarted) is taken over at once; a
 * lock of another machine cannot be checked and counts as held.
 *
 * @returns a function that releases the lock, or who holds it
 * @throws a system error where it cannot be written; PrmError where an earlier one cannot be read
 */
export async function tryLockFile(file: string): Promise<(() => Promise<void>) | HeldLock> {
  const mine: Holder = { pid: process.pid, host: hostname(), id: randomUUID() };
  const draft = `${file}.${mine.id}.tmp`;
  // From here on: a draft that becomes the lock must not look like one of an earlier process.
  heldHere.add(mine.id);
  try {
    await writeFile(draft, JSON.stringify(mine));
    for (let taken = false; !taken;) {
      if (await linked(draft, file)) break;
      const outcome = await takenOver(draft, file);
      if (typeof outcome === 'object') {
        heldHere.delete(mine.id);
        return outcome;
      }
      taken = outcome;
    }
  } catch (error) {
    heldHere.delete(mine.id);
    throw error;
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

/**
 * Whether a process goes on with what the lock protects, as far as this machine can tell: a lock of another machine
 * counts as held; one that is gone, cannot be read or names another process does not.
 */
export async function isGoingOn(file: string, pid: number): Promise<boolean> {
  const holder = await readHolder(file).catch(() => undefined);
  return holder?.pid === pid && isAlive(holder);
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
 * Puts our draft in the place of a lock whose holder is gone; tells who holds it if that one lives. False: look again.
 * A claim file named after the dead holder makes this the work of one process at a time; who holds the claim and
 * still finds the dead holder's lock in place may replace it, because nobody else can.
 */
async function takenOver(draft: string, file: string): Promise<boolean | HeldLock> {
  const holder = await readHolder(file);
  if (holder === undefined) return false; // Released meanwhile.
  if (isAlive(holder)) return { holder, file };
  const claim = `${file}.${holder.id}.claim`;
  if (!(await linked(draft, claim))) {
    const claimant = await readHolder(claim);
    // Killed within the few lines below. To repair that too would need a lock for the claim.
    if (claimant !== undefined && !isAlive(claimant)) return { holder: claimant, file: claim };
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
      what: 'This lock cannot be read',
      remedy: 'Delete this file if nothing is using what it guards.',
      cause: error,
    });
  }
}

function isAlive({ pid, host, id }: Holder): boolean {
  if (host !== hostname()) return true;
  return pid === process.pid ? heldHere.has(id) : isProcessAlive(pid);
}
