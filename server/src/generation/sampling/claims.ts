// Who makes a sample now, of all processes that share a cache: a claim is a file that its holder touches while it works, so that the claim
// of one that died, here or on another machine, is taken over.
import { open, readFile, rm, stat, utimes } from 'node:fs/promises';
import { hostname } from 'node:os';
import path from 'node:path';
import { z } from 'zod';
import { systemErrorCode } from '../../support/errors.ts';
import { makeFolder } from '../../support/makeFolder.ts';
import { isProcessAlive } from '../../support/processes.ts';

/** Milliseconds. */
export interface ClaimTimes {
  /** Between two touches of a claim by its holder. */
  beat: number;
  /** A claim that was not touched for so long has no holder any more. */
  abandoned: number;
  /** A claim that nobody has signed for so long was made by a process that was killed the moment after. */
  unsigned: number;
}

export const CLAIM_TIMES: ClaimTimes = { beat: 20_000, abandoned: 120_000, unsigned: 5_000 };

const holderSchema = z.object({ pid: z.int().positive(), host: z.string() });

/** What a claim looked like, and since when it has been looking so to this process. */
interface Sight {
  touched: number;
  inode: number;
  since: number;
}

/** A claim of ours. */
interface Held {
  level: number;
  /** What stood above it from the beginning: the last claim of somebody who is just giving theirs back. */
  above: Sight | undefined;
}

/**
 * The claims of a key are files `KEY.0`, `KEY.1`, …: the last one counts. Whoever finds all of them abandoned makes the next, which only one
 * process can; whoever is done removes them, the first one first. So a `KEY.0` that is still the one that was seen says that
 * nobody has finished in between.
 */
export class Claims {
  readonly #folder: string;
  readonly #times: ClaimTimes;
  readonly #held = new Map<string, Held>();
  readonly #seen = new Map<string, Sight>();
  #beat: NodeJS.Timeout | undefined;
  #isMade = false;

  constructor(folder: string, times: ClaimTimes) {
    this.#folder = folder;
    this.#times = times;
  }

  /**
   * Claims a key, without waiting.
   * @returns whether it is ours now
   * @throws a system error where claims cannot be written
   */
  async take(key: string): Promise<boolean> {
    if (this.#held.has(key)) return false;
    if (!this.#isMade) await makeFolder(this.#folder);
    this.#isMade = true;
    const bottom = await this.#sightOf(key, 0);
    for (let level = 0; ; level++) {
      if (await this.#create(this.#file(key, level))) return this.#settle(key, level, bottom);
      if (!(await this.#isAbandoned(key, level))) return false;
    }
  }

  /** Gives a key back that `take` gave. */
  async release(key: string): Promise<void> {
    const held = this.#held.get(key);
    if (held === undefined) return;
    const { level } = held;
    this.#held.delete(key);
    if (this.#held.size === 0) clearInterval(this.#beat);
    const above = await this.#sightOf(key, level + 1);
    // Taken over while this process slept: the claims are the other one's to remove.
    if (above !== undefined && !isSame(above, held.above)) return;
    for (let one = 0; one <= level; one++) await rm(this.#file(key, one), { force: true });
  }

  #file(key: string, level: number): string {
    return path.join(this.#folder, `${key}.${level}`);
  }

  /** A claim above others is only good while the lowest is the one that was seen: else somebody has finished, and others begin anew. */
  async #settle(key: string, level: number, bottom: Sight | undefined): Promise<boolean> {
    for (let one = 0; one <= level; one++) this.#seen.delete(this.#file(key, one));
    if (level > 0 && !isSame(await this.#sightOf(key, 0), bottom)) {
      await rm(this.#file(key, level), { force: true });
      return false;
    }
    const above = await this.#sightOf(key, level + 1);
    if (this.#held.size === 0) {
      this.#beat = setInterval(() => void this.#touchAll(), this.#times.beat);
      this.#beat.unref();
    }
    this.#held.set(key, { level, above });
    return true;
  }

  async #create(file: string): Promise<boolean> {
    try {
      const handle = await open(file, 'wx');
      try {
        await handle.writeFile(JSON.stringify({ pid: process.pid, host: hostname() }));
      } finally {
        await handle.close();
      }
      return true;
    } catch (error) {
      if (systemErrorCode(error) === 'EEXIST') return false;
      throw error;
    }
  }

  /** Whether its holder is gone: a process of this machine that no longer runs, or one that has not touched it for too long. */
  async #isAbandoned(key: string, level: number): Promise<boolean> {
    const file = this.#file(key, level);
    const sight = await this.#sightOf(key, level);
    if (sight === undefined) {
      this.#seen.delete(file);
      return false;
    }
    const earlier = this.#seen.get(file);
    const since = earlier !== undefined && isSame(earlier, sight) ? earlier.since : sight.since;
    this.#seen.set(file, { ...sight, since });
    // As this process sees it: clocks of other machines are not to be trusted.
    if (sight.since - since > this.#times.abandoned) return true;
    const holder = await holderOf(file);
    if (holder === undefined) return sight.since - since > this.#times.unsigned;
    if (holder.host !== hostname()) return false;
    return !isProcessAlive(holder.pid) || Date.now() - sight.touched > this.#times.abandoned;
  }

  async #sightOf(key: string, level: number): Promise<Sight | undefined> {
    try {
      const { mtimeMs, ino } = await stat(this.#file(key, level));
      return { touched: mtimeMs, inode: ino, since: performance.now() };
    } catch (error) {
      if (systemErrorCode(error) === 'ENOENT') return undefined;
      throw error;
    }
  }

  async #touchAll(): Promise<void> {
    const now = new Date();
    // A touch that fails is made up for by the next; a claim that is gone was given back meanwhile.
    await Promise.allSettled(
      [...this.#held].map(([key, { level }]) => utimes(this.#file(key, level), now, now)),
    );
  }
}

function isSame(one: Sight | undefined, other: Sight | undefined): boolean {
  return one?.touched === other?.touched && one?.inode === other?.inode;
}

/** Undefined where nobody can tell: it has just been given back, or its holder was killed before it could sign. */
async function holderOf(file: string): Promise<z.infer<typeof holderSchema> | undefined> {
  try {
    return holderSchema.parse(JSON.parse(await readFile(file, 'utf8')));
  } catch (error) {
    const code = systemErrorCode(error);
    if (code === undefined || code === 'ENOENT') return undefined;
    throw error;
  }
}
