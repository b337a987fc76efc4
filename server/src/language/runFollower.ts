// Follows one training run through its events.jsonl alone, whoever started it, until it has ended.
import { open, type FileHandle } from 'node:fs/promises';
import path from 'node:path';
import type { RunChart, RunSummary } from '../../../protocol/src/dashboard.ts';
import type { RunEvent } from '../../../protocol/src/runs.ts';
import { systemErrorCode } from '../support/errors.ts';
import { isProcessAlive } from '../support/processes.ts';
import { parseEvent } from '../training/events.ts';
import { chartOfRun, summariseRun } from '../training/runSummary.ts';

export const EVENTS_FILE = 'events.jsonl';

/** Reads the lines that were added to a file since the last time; a line that is still being written waits. */
export class Tail {
  readonly #file: string;
  #offset = 0;
  #inode: number | undefined;
  /** Bytes after the last line break. */
  #rest = Buffer.alloc(0);

  constructor(file: string) {
    this.#file = file;
  }

  /** `restarted`: the file was replaced or cut short, so its lines come again from the first. */
  async read(): Promise<{ lines: string[]; restarted: boolean }> {
    let handle: FileHandle;
    try {
      handle = await open(this.#file);
    } catch (error) {
      if (systemErrorCode(error) === 'ENOENT') return { lines: [], restarted: this.#restart(undefined) };
      throw error;
    }
    try {
      const { size, ino } = await handle.stat();
      const isOther = this.#inode !== undefined && (ino !== this.#inode || size < this.#offset);
      const restarted = isOther && this.#restart(ino);
      this.#inode = ino;
      const added = Buffer.alloc(size - this.#offset);
      const { bytesRead } = await handle.read(added, 0, added.length, this.#offset);
      this.#offset += bytesRead;
      const bytes = Buffer.concat([this.#rest, added.subarray(0, bytesRead)]);
      // Split at the byte, not the character: a character may be half written too.
      const end = bytes.lastIndexOf(0x0a) + 1;
      this.#rest = Buffer.from(bytes.subarray(end));
      const lines = bytes.subarray(0, end).toString('utf8').split('\n');
      return { lines: lines.filter((line) => line !== ''), restarted };
    } finally {
      await handle.close();
    }
  }

  #restart(inode: number | undefined): boolean {
    const hadRead = this.#offset > 0;
    this.#inode = inode;
    this.#offset = 0;
    this.#rest = Buffer.alloc(0);
    return hadRead;
  }
}

export interface FollowerOptions {
  /** The run folder, absolute. */
  folder: string;
  /** A run that was just started: its process, and when. Ends that were written earlier are not its own. */
  started?: { pid: number; at: number };
  /** Whether a process lives. */
  isAlive?: (pid: number) => boolean;
}

/** What a look at the folder found. */
export interface RunLook {
  run: RunSummary;
  /** The last event was written, or the process is gone. */
  ended: boolean;
  /** Anything differs from the look before. */
  changed: boolean;
}

export class RunFollower {
  readonly folder: string;
  readonly #started: FollowerOptions['started'];
  readonly #isAlive: (pid: number) => boolean;
  readonly #tail: Tail;
  #events: RunEvent[] = [];
  #wasAlive: boolean | undefined;

  constructor({ folder, started, isAlive = isProcessAlive }: FollowerOptions) {
    this.folder = folder;
    this.#started = started;
    this.#isAlive = isAlive;
    this.#tail = new Tail(path.join(folder, EVENTS_FILE));
  }

  /** The run's process: the newest start event's, before that the one that was started. */
  get pid(): number | undefined {
    return this.#startEvent()?.pid ?? this.#started?.pid;
  }

  /** The looks so far found the start of this run, not only what an earlier one wrote into the folder. */
  get hasBegun(): boolean {
    return this.#startEvent() !== undefined;
  }

  /** Of the looks so far; undefined where the folder holds no event. */
  get lastEvent(): RunEvent | undefined {
    return this.#events.at(-1);
  }

  /** The run's lines, as far as the looks so far have read. */
  chart(points: number): RunChart {
    return chartOfRun(this.#events, points);
  }

  async look(): Promise<RunLook> {
    // Asked before the file is read: a process that ends in between has written its last event by then.
    const alive = this.pid !== undefined && this.#isAlive(this.pid);
    const { lines, restarted } = await this.#tail.read();
    if (restarted) this.#events = [];
    // A line that is no event was cut short by a kill or comes from a newer version: the others still count.
    this.#events.push(...lines.flatMap((line) => parseEvent(line) ?? []));
    const changed = restarted || lines.length > 0 || alive !== this.#wasAlive;
    const isFirstLook = this.#wasAlive === undefined;
    this.#wasAlive = alive;
    const events = this.#own();
    const run = summariseRun(this.folder, events, { now: Date.now(), alive });
    // A first look knows the pid only after it has read the file; the next one decides.
    const isGone = !alive && !(isFirstLook && this.#started === undefined && this.pid !== undefined);
    return { run, ended: events.at(-1)?.type === 'end' || isGone, changed };
  }

  #startEvent(): Extract<RunEvent, { type: 'start' }> | undefined {
    const at = this.#started?.at ?? -Infinity;
    return this.#events
      .filter((event) => event.type === 'start')
      .findLast(({ time }) => Date.parse(time) >= at);
  }

  /** Events, without the end of an earlier session of the same run that a fresh start has yet to go on from. */
  #own(): RunEvent[] {
    const since = this.#started?.at;
    const last = this.#events.at(-1);
    if (since === undefined || last?.type !== 'end' || Date.parse(last.time) >= since) return this.#events;
    return this.#events.slice(0, -1);
  }
}
