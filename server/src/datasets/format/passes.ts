// How far the work on several sources is that are each read more than once.
import type { RowSource } from '../rowSource.ts';

type Sized = Pick<RowSource, 'files'>;

export class Passes {
  private readonly sizes = new Map<Sized, number>();
  private total: number;
  private done = 0;
  private current = 0;

  /**
   * Counts on two passes over each source.
   * @param onShare told the share of the whole work that is done, from 0 to 1
   */
  constructor(
    sources: readonly Sized[],
    private readonly onShare: (share: number) => void,
  ) {
    for (const source of sources) {
      this.sizes.set(
        source,
        source.files.reduce((sum, { bytes }) => sum + bytes, 0),
      );
    }
    this.total = 2 * [...this.sizes.values()].reduce((sum, bytes) => sum + bytes, 0);
  }

  /** The source has to be read once more than was counted on. */
  oneMore(source: Sized): void {
    this.total += this.sizes.get(source) ?? 0;
  }

  begin(source: Sized): void {
    this.done += this.current;
    this.current = this.sizes.get(source) ?? 0;
  }

  /** @param share of the pass that runs, from 0 to 1 */
  report(share: number): void {
    this.onShare(Math.min(1, (this.done + share * this.current) / this.total));
  }
}
