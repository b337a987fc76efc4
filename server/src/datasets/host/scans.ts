// The scan threads of a dataset process: a few at once, so that memory and the file's readers stay bounded.
import { CancelledError, throwIfCancelled } from '../../support/errors.ts';
import type { ScanKind, ScanResult, ScanTask } from './scanMessages.ts';
import { runScan, type ScanChoices, type ScanHooks } from './scanThread.ts';

/** Threads at once: a summary that takes long does not keep a filter waiting. */
const MOST_THREADS = 2;
/** Between two reports of a scan that waits, milliseconds: whoever asked takes silence for a process that hangs. */
const REPORTS_EVERY = 5_000;

export class Scans {
  readonly #choices: ScanChoices;
  /** Each is called when a thread is its own. */
  readonly #waiting = new Set<() => void>();
  #running = 0;

  constructor(choices: ScanChoices) {
    this.#choices = choices;
  }

  /** As `runScan`, when there is a thread for it. */
  async run<Kind extends ScanKind>(task: ScanTask<Kind>, hooks: ScanHooks): Promise<ScanResult<Kind>> {
    throwIfCancelled(hooks.signal);
    if (this.#running < MOST_THREADS) this.#running++;
    else await this.#turn(hooks);
    try {
      return await runScan(task, hooks, this.#choices);
    } finally {
      // The thread goes from hand to hand: nobody who asks meanwhile comes in between.
      const [next] = this.#waiting;
      if (next === undefined) this.#running--;
      else next();
    }
  }

  /** @throws CancelledError where the signal is aborted before */
  #turn({ signal, onProgress }: ScanHooks): Promise<void> {
    return new Promise((resolve, reject) => {
      const timer = setInterval(() => onProgress?.({ scanned: 0, share: 0 }), REPORTS_EVERY);
      const leave = (): void => {
        clearInterval(timer);
        signal.removeEventListener('abort', cancel);
        this.#waiting.delete(begin);
      };
      const begin = (): void => {
        leave();
        resolve();
      };
      const cancel = (): void => {
        leave();
        reject(new CancelledError());
      };
      this.#waiting.add(begin);
      signal.addEventListener('abort', cancel);
    });
  }
}
