// The report of `prm label` as text on the screen.
import { createColors } from 'picocolors';
import type { LabelCost } from '../../../protocol/src/generation.ts';
import type { LabelSummary } from '../generation/labelDatasets.ts';
import type { CommandContext } from './command.ts';
import { Report } from './report.ts';

const count = (value: number): string => value.toLocaleString('en');

/** What the work may cost, in one line. */
export function costLine({ solutions, requests, completionTokens }: LabelCost): string {
  return (
    `At most ${count(requests)} requests and ${count(completionTokens)} written tokens for ${count(solutions)} solutions; ` +
    'what is in the cache costs nothing.'
  );
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
  for (const { reason, solutions } of summary.without) {
    lines.add('Left out', paint.yellow(`${count(solutions)} × ${reason}`));
  }
  if (summary.counts !== undefined) {
    const { requests, cached, promptTokens, completionTokens, retried } = summary.counts;
    lines.add('Asked', `${count(requests)} requests, ${count(cached)} answers from the cache`);
    lines.more(
      `${count(promptTokens)} tokens read, ${count(completionTokens)} written, as the server counts`,
    );
    if (retried > 0) lines.more(`${count(retried)} tries failed and were made again`);
  }
  lines.add('Written', `${summary.file}, ${(summary.bytes / 1e6).toFixed(1)} MB`);
  lines.add('Time', `${summary.seconds.toFixed(1)} s`);
  stdout.write(lines.text);
}
