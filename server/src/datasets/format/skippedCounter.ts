// Rows that were left out, counted by reason.
import type { RowFault } from '../rowSource.ts';
import type { SkippedRows } from './formatReport.ts';

/** Row numbers that a report names for each reason. */
const ROWS_NAMED = 5;

export class SkippedCounter {
  private readonly byReason = new Map<string, SkippedRows>();

  get counts(): SkippedRows[] {
    return [...this.byReason.values()];
  }

  add(number: number, { reason, detail }: RowFault): void {
    let entry = this.byReason.get(reason);
    if (entry === undefined) {
      entry = { reason, count: 0, firstRows: [], ...(detail === undefined ? {} : { firstDetail: detail }) };
      this.byReason.set(reason, entry);
    }
    entry.count++;
    if (entry.firstRows.length < ROWS_NAMED) entry.firstRows.push(number);
  }
}
