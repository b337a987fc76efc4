// Where a long run shows itself: one line drawn over itself on a terminal, an occasional plain line elsewhere.
import type { CommandContext } from './command.ts';

/** Without a terminal (a log file, CI) a progress line this often, milliseconds. */
const PLAIN_INTERVAL = 15_000;
const REDRAW_INTERVAL = 100;

/** Clears the line and returns to its start (ECMA-48: EL). */
const CLEAR = '\r\u001b[K';

export class RunScreen {
  private shown = '';
  private last = -Infinity;

  constructor(private readonly context: Pick<CommandContext, 'stderr' | 'interactive'>) {}

  /** Something new is going on: drawn at once on a terminal, left out elsewhere. */
  begin(text: string): void {
    if (this.context.interactive) this.draw(text);
  }

  /** How it gets on; drawn over itself on a terminal, at most ten times a second, and left out elsewhere. */
  show(text: string): void {
    if (!this.context.interactive || this.tooSoon(REDRAW_INTERVAL)) return;
    this.draw(text);
  }

  /** As `show`, but written as a plain line now and then where there is no terminal. */
  progress(text: string): void {
    if (this.context.interactive) this.show(text);
    else if (!this.tooSoon(PLAIN_INTERVAL)) this.context.stderr.write(`${text}\n`);
  }

  /** A line that stays. */
  print(text: string): void {
    const below = this.shown;
    this.clear();
    this.context.stderr.write(`${text}\n`);
    if (below !== '') this.draw(below);
  }

  /** Takes the drawn line away. */
  clear(): void {
    if (this.shown === '') return;
    this.context.stderr.write(CLEAR);
    this.shown = '';
  }

  private draw(text: string): void {
    this.shown = text;
    // A line that wraps cannot be drawn over. Some terminals do not tell their width, or say 0.
    const { columns = 0 } = this.context.stderr as Partial<NodeJS.WriteStream>;
    const width = columns > 0 ? columns : 80;
    this.context.stderr.write(CLEAR + (text.length < width ? text : `${text.slice(0, width - 2)}…`));
  }

  private tooSoon(interval: number): boolean {
    const now = performance.now();
    if (now - this.last < interval) return true;
    this.last = now;
    return false;
  }
}
