// One line of progress that is drawn over itself on a terminal, or told to a program that asks for it.
import { progressText, TELL_PROGRESS } from '../support/toldProgress.ts';
import type { CommandContext } from './command.ts';
import { sizeText } from './figures.ts';

const MILLISECONDS_BETWEEN = 100;

/** Clears the line and returns to its start (ECMA-48: EL). */
const CLEAR = '\r\u001b[K';

export class ProgressLine {
  private readonly started = performance.now();
  private readonly told: boolean;
  private last = -Infinity;

  constructor(
    private readonly context: Pick<CommandContext, 'stderr' | 'interactive' | 'environment'>,
    private readonly title: string,
  ) {
    this.told = context.environment[TELL_PROGRESS] === '1';
  }

  /**
   * @param note anything else to show, such as a rate
   * @param left seconds, from who knows better than that the rest goes as fast as the work so far; null where nobody knows yet
   */
  update(done: number, total: number | undefined, note = '', left?: number | null): void {
    const now = performance.now();
    const isWanted = this.told || this.context.interactive;
    if (!isWanted || now - this.last < MILLISECONDS_BETWEEN) return;
    this.last = now;
    const seconds = (now - this.started) / 1000;
    const secondsLeft = left === undefined ? secondsLeftOf(seconds, done, total) : left;
    if (this.told) {
      const told = { title: this.title, done, total: total ?? null, secondsLeft, note };
      this.context.stderr.write(progressText(told));
      return;
    }
    let text = `${this.title} ${seconds.toFixed(0)} s`;
    if (total !== undefined && total > 0) {
      text = `${this.title} ${((100 * done) / total).toFixed(0)} %`;
      if (secondsLeft !== null) text += `, ${durationText(secondsLeft)} left`;
    }
    this.context.stderr.write(`${CLEAR}${text}${note === '' ? '' : `, ${note}`}`);
  }

  /** For work on datasets: the share that is done, and what comes from the Hub. */
  readonly hooks = {
    onProgress: ({ done, total }: { done: number; total: number | undefined }): void => {
      this.update(done, total);
    },
    onDownload: (done: number, total: number): void => {
      this.update(done, total, `downloading ${sizeText(total)}`);
    },
  };

  clear(): void {
    if (!this.told && this.last > -Infinity) this.context.stderr.write(CLEAR);
  }
}

/** As the work went until now; null in the first second, which tells little. */
function secondsLeftOf(seconds: number, done: number, total: number | undefined): number | null {
  if (total === undefined || total <= 0 || done <= 0 || seconds <= 1) return null;
  return (seconds * (total - done)) / done;
}

function durationText(seconds: number): string {
  if (seconds < 100) return `${seconds.toFixed(0)} s`;
  if (seconds < 100 * 60) return `${(seconds / 60).toFixed(0)} min`;
  return `${(seconds / 3600).toFixed(1)} h`;
}
