// Formatted examples as rows: joined back into their paths, which are known only when all examples are.
import type { Policies } from './formatOptions.ts';
import { ExampleJoiner } from '../formattedTraces.ts';
import { sourceRows, type LayoutRows, type NumberedRow, type RowsWanted } from './layoutRows.ts';
import { isFault, LAYOUT_DEFAULTS } from '../layouts/layout.ts';
import { applyPolicies } from '../layouts/policies.ts';
import type { RowSource } from '../rowSource.ts';

/** Memory holds all distinct text: about the size of the dataset that was formatted. It is read once. */
export function joinedRows(
  source: RowSource,
  wanted: RowsWanted,
  policies: Policies,
  onPosition: (share: number) => void,
): LayoutRows {
  let paths: NumberedRow[] | undefined;
  return {
    async *batches() {
      if (paths === undefined) {
        const joiner = new ExampleJoiner();
        const numbers: number[] = [];
        for await (const rows of sourceRows(source, wanted, onPosition)) {
          const read: NumberedRow[] = [];
          for (const { number, fields, fault } of rows) {
            const broken =
              fields === undefined ? (fault ?? { reason: 'the row is empty' }) : joiner.add(fields);
            if (joiner.traces.length > numbers.length) numbers.push(number);
            read.push(broken === undefined ? { number } : { number, fault: broken });
          }
          yield read;
        }
        paths = pathsOf(joiner, numbers, policies);
      }
      yield paths;
    },
  };
}

/** @param numbers of the rows that the paths began with */
function pathsOf({ traces }: ExampleJoiner, numbers: readonly number[], policies: Policies): NumberedRow[] {
  const options = { ...LAYOUT_DEFAULTS, ...policies };
  return traces.map((trace, index) => {
    const number = numbers[index] ?? 0;
    const row = applyPolicies({ problem: trace.problem, traces: [trace] }, options);
    return isFault(row) ? { number, fault: row, joined: true } : { number, row, joined: true };
  });
}
