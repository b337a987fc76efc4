// Reads a dataset file as traces, by the layout that is recognised.
import { InputRows, openInput } from '../../server/src/datasets/format/formatInput.ts';
import type { Trace } from '../../server/src/datasets/trace.ts';

/** @throws Error where a row cannot be used */
export async function tracesOf(file: string): Promise<Trace[]> {
  const hooks = { signal: undefined, environment: {}, onDownload: undefined };
  const input = await openInput({ dataset: file }, hooks);
  try {
    const traces: Trace[] = [];
    const rows = new InputRows(input, { completions: 'steps' }).rows({}, () => undefined);
    for await (const batch of rows.batches()) {
      for (const { number, row, fault } of batch) {
        if (fault !== undefined) throw new Error(`${file}, row ${number}: ${fault.reason}`);
        if (row !== undefined) traces.push(...row.traces);
      }
    }
    return traces;
  } finally {
    await input.source.close();
  }
}
