// Rows that cannot be read or do not fit, counted by reason, with their first places.
import type { FaultCount } from '../../../../protocol/src/datasetSummary.ts';
import type { RowFault } from '../../../../protocol/src/datasets.ts';

/** Rows named for each reason. */
const ROWS_NAMED = 5;
/** Reasons told apart; rows with further ones are counted together. */
const MOST_REASONS = 100;
const OTHER_REASONS = 'other reasons';

export class FaultCounter {
  private readonly counts = new Map<string, FaultCount>();

  /** @param number as people count */
  add(number: number, { reason, detail }: RowFault): void {
    const key = this.counts.size < MOST_REASONS || this.counts.has(reason) ? reason : OTHER_REASONS;
    let entry = this.counts.get(key);
    if (entry === undefined) {
      entry = {
        reason: key,
        count: 0,
        firstRows: [],
        ...(detail === undefined ? {} : { firstDetail: detail }),
      };
      this.counts.set(key, entry);
    }
    entry.count++;
    if (entry.firstRows.length < ROWS_NAMED) entry.firstRows.push(number);
  }

  /** The most frequent first. */
  list(): FaultCount[] {
    return [...this.counts.values()].sort((one, two) => two.count - one.count);
  }
}
