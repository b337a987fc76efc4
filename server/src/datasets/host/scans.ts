// The scan threads of a dataset process: a few at once, so that memory and the file's readers stay bounded.
import { throwIfCancelled } from '../../support/errors.ts';
import type { ScanKind, ScanResult, ScanTask } from './scanMessages.ts';
import { runScan, type ScanChoices, type ScanHooks } from './scanThread.ts';

/** Threads at once: a summary that takes long does not keep a filter waiting. */
const MOST_THREADS = 2;

export class Scans {
  readonly #choices: ScanChoices;
  readonly #waiting: (() => void)[] = [];
  #running = 0;

  constructor(choices: ScanChoices) {
    this.#choices = choices;
  }

  /** As `runScan`, when there is a thread for it. */
  async run<Kind extends ScanKind>(task: ScanTask<Kind>, hooks: ScanHooks): Promise<ScanResult<Kind>> {
    if (this.#running >= MOST_THREADS) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    this.#running++;
    try {
      throwIfCancelled(hooks.signal);
      return await runScan(task, hooks, this.#choices);
    } finally {
      this.#running--;
      this.#waiting.shift()?.();
    }
  }
}
