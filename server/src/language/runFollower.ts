// Follows one training run through its events.jsonl, whoever started it.
import { stat } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import type { RunChart, RunSummary } from '../../../protocol/src/dashboard.ts';
import { systemErrorCode } from '../support/errors.ts';
import { isGoingOn } from '../support/lock.ts';
import { isProcessAlive } from '../support/processes.ts';
import { LOCK_FILE } from '../training/lock.ts';
import type { StepRange } from '../training/runColumns.ts';
import { readRunContents } from '../training/runContents.ts';
import { RunHistory } from '../training/runHistory.ts';
import { summariseRun, type RunContents } from '../training/runSummary.ts';
import { RunTail } from './runTail.ts';

export const EVENTS_FILE = 'events.jsonl';

export interface FollowerOptions {
  /** The run folder, absolute. */
  folder: string;
  /** Whether a process goes on with the run. One that has yet to write its start may have no lock yet. */
  isAlive?: (pid: number, hasBegun: boolean) => boolean | Promise<boolean>;
}

/** A run that was just started: its process, and when. Ends that were written earlier are not its own. */
export interface StartedProcess {
  pid: number;
  /** Milliseconds since 1970. */
  at: number;
}

/** What a look at the folder found. */
export interface RunLook {
  run: RunSummary;
  /** The last event was written, or the process is gone. */
  ended: boolean;
  /** Grows with everything that differs from the looks before. */
  version: number;
}

export class RunFollower {
  readonly folder: string;
  readonly #isAlive: NonNullable<FollowerOptions['isAlive']>;
  readonly #tail: RunTail;
  #history = new RunHistory();
  #started: StartedProcess | undefined;
  #alive = false;
  #version = 0;
  #refreshing: Promise<void> | undefined;
  /** The reading behind that one. */
  #afterwards: Promise<void> | undefined;
  #contents: RunContents = { settings: {}, checkpoints: [], models: [] };
  /** Of the folder when its contents were read. */
  #contentsOf: number | undefined;
  /** When the newest event was written, by this process's own clock. */
  #spokeAt: number | undefined;
  /** Lines were forgotten to make room. */
  #isPartial = false;

  constructor({ folder, isAlive }: FollowerOptions) {
    this.folder = folder;
    // A number alone says little: after a restart of the machine another process may have it.
    this.#isAlive =
      isAlive ??
      ((pid, hasBegun) => (hasBegun ? isGoingOn(path.join(folder, LOCK_FILE), pid) : isProcessAlive(pid)));
    this.#tail = new RunTail(path.join(folder, EVENTS_FILE), {
      line: (text) => {
        if (this.#history.addLine(text)) this.#spokeAt = undefined;
        this.#version++;
      },
      restart: () => {
        this.#history = new RunHistory();
        this.#isPartial = false;
        this.#version++;
      },
    });
  }

  /** A process was started to begin this run, or to go on with it; undefined: it refused to. */
  expect(started: StartedProcess | undefined): void {
    this.#started = started;
    this.#version++;
  }

  /** The run's process: the newest start event's, before that the one that was started. */
  get pid(): number | undefined {
    return this.hasBegun ? this.#history.start?.pid : this.#started?.pid;
  }

  /** The looks so far found the start of this run, not only what an earlier one wrote into the folder. */
  get hasBegun(): boolean {
    const { start } = this.#history;
    return start !== undefined && Date.parse(start.time) >= (this.#started?.at ?? -Infinity);
  }

  /** Whether the looks so far found any event, or a process that has yet to write one. */
  get isRun(): boolean {
    return this.#history.events > 0 || (this.#started !== undefined && this.#alive);
  }

  /** Files of the evaluation reports, the newest first; only that of a step where one is named. */
  reports(step?: number): string[] {
    return this.#history.reports(step);
  }

  /** Bytes of the run's lines. */
  get bytes(): number {
    return this.#history.bytes;
  }

  /** @param patience after so many milliseconds it answers with what was read until then; without end where missing */
  async look(patience?: number): Promise<RunLook> {
    const reading = this.#refresh();
    if (patience === undefined) await reading;
    else await withPatience(reading, patience);
    const { end, last } = this.#history;
    const goesOn = !this.hasBegun && this.#started !== undefined;
    if (last !== undefined)
      this.#spokeAt ??= performance.now() - Math.max(0, Date.now() - Date.parse(last.time));
    const run = summariseRun(this.folder, this.#history, {
      alive: this.#alive,
      silentFor: performance.now() - (this.#spokeAt ?? performance.now()),
      goesOn,
      contents: this.#contents,
    });
    const isReading = this.#refreshing !== undefined && this.#tail.share < 1;
    return {
      run: isReading ? { ...run, reading: this.#tail.share } : run,
      ended: !isReading && ((end !== undefined && !goesOn) || !this.#alive),
      version: this.#version,
    };
  }

  /** The run's lines; read again first where they were forgotten. */
  async chart(points: number, range?: StepRange): Promise<RunChart> {
    if (this.#isPartial) {
      await this.#refreshing;
      this.#tail.restart();
      await this.#refresh();
    }
    return this.#history.chart(points, range);
  }

  /** Makes room: the lines are read again when they are asked for. */
  forgetLines(): void {
    this.#history.forgetLines();
    this.#isPartial = true;
  }

  /** Reads what is there now: where a reading goes on that may have passed it by, once more after that one. */
  #refresh(): Promise<void> {
    const begin = (): Promise<void> => {
      this.#afterwards = undefined;
      this.#refreshing = this.#readAll().finally(() => (this.#refreshing = undefined));
      return this.#refreshing;
    };
    if (this.#refreshing === undefined) return begin();
    this.#afterwards ??= this.#refreshing.then(begin, begin);
    return this.#afterwards;
  }

  async #readAll(): Promise<void> {
    if (this.pid === undefined) await this.#tail.read();
    let pid: number | undefined;
    do {
      pid = this.pid;
      // Asked before the file is read: a process that ends in between has written its last event by then.
      let alive = pid !== undefined && (await this.#isAlive(pid, this.hasBegun));
      await this.#tail.read();
      // A start that is refused, since the folder's run lives, does not end that run.
      alive ||= await this.#earlierRunLives();
      if (alive !== this.#alive) this.#version++;
      this.#alive = alive;
      // Another process goes on with the run: whether that one lives is the question.
    } while (this.pid !== pid);
    await this.#readContents();
  }

  /** The run that was in the folder when another start was tried, and has not begun. */
  async #earlierRunLives(): Promise<boolean> {
    const { start } = this.#history;
    if (this.#started === undefined || this.hasBegun || start === undefined) return false;
    return this.#isAlive(start.pid, true);
  }

  /** Everything that it tells of appears in the folder by a rename, which changes the folder's time. */
  async #readContents(): Promise<void> {
    const time = await stat(this.folder).then(
      ({ mtimeMs }) => mtimeMs,
      (error: unknown) => {
        if (systemErrorCode(error) === 'ENOENT') return 0;
        throw error;
      },
    );
    if (time === this.#contentsOf) return;
    this.#contents = await readRunContents(this.folder);
    this.#contentsOf = time;
    this.#version++;
  }
}

async function withPatience(work: Promise<void>, milliseconds: number): Promise<void> {
  const controller = new AbortController();
  const { signal } = controller;
  try {
    await Promise.race([work, wait(milliseconds, undefined, { signal }).catch(() => undefined)]);
  } finally {
    controller.abort();
  }
}
