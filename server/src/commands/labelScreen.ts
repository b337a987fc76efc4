// The report of `prm label` as text on the screen.
import { createColors } from 'picocolors';
import type { LabelCost } from '../../../protocol/src/generation.ts';
import type { LabelProgress, LabelSummary } from '../generation/labelDatasets.ts';
import type { CommandContext } from './command.ts';
import { Report } from './report.ts';

const count = (value: number): string => value.toLocaleString('en');

/** What the work may cost, in one line. */
export function costLine({ solutions, requests, completionTokens, cached }: LabelCost): string {
  const most = `At most ${count(requests)} answers of ${count(completionTokens)} tokens for ${count(solutions)} solutions`;
  if (cached === undefined) return `${most}; what is in the cache costs nothing.`;
  const left = requests - cached;
  const tokens = requests === 0 ? 0 : (completionTokens / requests) * left;
  return `${most}; with what the cache has, at most ${count(left)} of ${count(tokens)} tokens are left to pay.`;
}

/** How much the work has cost so far, and about how much it will. */
export function progressNote({ done, total, seconds, counts }: LabelProgress): string {
  if (counts === undefined) return '';
  const { requests, cached } = counts;
  const tokens = counts.promptTokens + counts.completionTokens;
  const rate = seconds < 1 ? '' : ` (${(requests / seconds).toFixed(1)} a second)`;
  const expected =
    done === 0 || tokens === 0 ? '' : ` of about ${count(Math.round((tokens / done) * total))}`;
  return `${count(requests)} requests${rate}, ${count(cached)} from the cache, ${count(tokens)} tokens${expected}`;
}

export function printLabelSummary(
  summary: LabelSummary,
  { stdout, colour }: Pick<CommandContext, 'stdout' | 'colour'>,
): void {
  const paint = createColors(colour);
  const lines = new Report(paint);
  for (const one of summary.skipped) lines.skipped(one);
  lines.add('Solutions', count(summary.solutions));
  if (summary.file === undefined) {
    lines.add('Cost', costLine(summary.cost));
    stdout.write(lines.text);
    return;
  }
  const { correct, incorrect, unlabelled } = summary.labels;
  lines.add('Labelled', `${paint.bold(count(summary.labelled))} by ${summary.by}`);
  lines.more(
    `${count(correct)} steps correct, ${count(incorrect)} incorrect, ${count(unlabelled)} without a label`,
  );
  for (const { reason, solutions, firstRow, firstDetail } of summary.without) {
    const example = firstDetail === undefined ? `first row ${firstRow}` : `row ${firstRow}: ${firstDetail}`;
    lines.add('Left out', paint.yellow(`${count(solutions)} × ${reason} (${example})`));
  }
  if (summary.counts !== undefined) {
    const { requests, cached, promptTokens, completionTokens, retried } = summary.counts;
    lines.add('Asked', `${count(requests)} requests, ${count(cached)} answers from the cache`);
    lines.more(
      `${count(promptTokens)} tokens read, ${count(completionTokens)} written, as the server counts`,
    );
    if (retried > 0) lines.more(`${count(retried)} tries failed and were made again`);
    if (summary.damaged > 0)
      lines.more(`${count(summary.damaged)} damaged entries of the cache were found and made again`);
  }
  if (summary.cache !== undefined) lines.add('Cache', summary.cache);
  lines.add('Written', `${summary.file}, ${(summary.bytes / 1e6).toFixed(1)} MB`);
  lines.add('Time', `${summary.seconds.toFixed(1)} s`);
  stdout.write(lines.text);
}
