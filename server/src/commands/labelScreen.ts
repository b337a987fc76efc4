// The report of `prm label` as text on the screen.
import { createColors } from 'picocolors';
import type { LabelCost } from '../generation/labelCost.ts';
import type { LabelProgress, LabelSummary } from '../generation/labelDatasets.ts';
import type { SamplerCounts } from '../generation/sampling/sampler.ts';
import type { CommandContext } from './command.ts';
import { count, sizeText } from './figures.ts';
import { Report } from './report.ts';
import type { SamplingRate } from './samplingRate.ts';
import { addServerNotes } from './serverNotes.ts';

/** What the work may cost, in one line. */
export function costLine({ solutions, requests, completionTokens, cached }: LabelCost): string {
  const most = `At most ${count(requests)} answers of ${count(completionTokens)} tokens for ${count(solutions)} solutions`;
  if (cached === undefined) return `${most}; what is in the cache costs nothing.`;
  const left = requests - cached;
  if (left === 0) return `${most}; the cache has all that is needed.`;
  const tokens = (completionTokens / requests) * left;
  return `${most}; with what the cache has, at most ${count(left)} of ${count(tokens)} tokens are left to pay.`;
}

/**
 * How fast the work goes and what it costs, by what the solutions so far have cost.
 * @returns what to show, and the seconds left: undefined where no model is asked, null where nobody knows yet
 */
export function progressNote(
  { done, total, counts }: LabelProgress,
  rate: SamplingRate,
): [note: string, secondsLeft?: number | null] {
  if (counts === undefined) return [''];
  const share = total / Math.max(1, done);
  const wanted = Math.max(counts.done, done === 0 ? counts.wanted : counts.done * share);
  const [note, left] = rate.update({ ...counts, wanted });
  const tokens = counts.promptTokens + counts.completionTokens;
  if (done === 0 || tokens === 0) return [note, left];
  return [`${note}, about ${count(Math.round(tokens * share))} tokens in all`, left];
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
    lines.add('Cost', summary.cost.requests === 0 ? 'nothing: nobody is asked' : costLine(summary.cost));
    stdout.write(lines.text);
    return;
  }
  const { correct, incorrect, unlabelled } = summary.labels;
  lines.add('Labelled', `${paint.bold(count(summary.labelled))} by ${summary.by}`);
  lines.more(
    `${count(correct)} steps correct, ${count(incorrect)} incorrect, ${count(unlabelled)} without a label`,
  );
  for (const { reason, solutions, firstRow, firstDetail } of summary.without) {
    lines.add('Left out', paint.yellow(`${count(solutions)} × ${reason}`));
    lines.more(`such as row ${firstRow}${firstDetail === undefined ? '' : `: ${firstDetail}`}`);
  }
  if (summary.counts !== undefined) addCounts(lines, summary.counts, summary.damaged);
  if (summary.cache !== undefined) lines.add('Cache', summary.cache);
  lines.add('Written', `${summary.file}, ${sizeText(summary.bytes)}`);
  lines.add('Time', `${summary.seconds.toFixed(1)} s`);
  stdout.write(lines.text);
}

function addCounts(lines: Report, counts: SamplerCounts, damaged: number): void {
  const { requests, cached, promptTokens, completionTokens } = counts;
  lines.add('Asked', `${count(requests)} requests, ${count(cached)} answers from the cache`);
  lines.more(`${count(promptTokens)} tokens read, ${count(completionTokens)} written, as the server counts`);
  addServerNotes(lines, counts, damaged);
}
