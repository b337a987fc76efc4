// The report of `prm generate sample` as text on the screen.
import { createColors } from 'picocolors';
import type { SampleSummary } from '../../generation/sampleDatasets.ts';
import type { CommandContext } from '../command.ts';
import { Report } from '../report.ts';

const count = (value: number): string => value.toLocaleString('en');
const share = (part: number, whole: number): string => `${((100 * part) / Math.max(1, whole)).toFixed(1)} %`;

export function printSampleSummary(
  summary: SampleSummary,
  { stdout, colour }: Pick<CommandContext, 'stdout' | 'colour'>,
): void {
  const paint = createColors(colour);
  const lines = new Report(paint);
  const { answers, counts, solved } = summary;
  lines.add('Model', `${summary.model} at ${summary.server}`);
  for (const one of summary.skipped) lines.skipped(one);
  lines.add('Problems', count(summary.problems));
  lines.add(
    'Samples',
    `${paint.bold(count(summary.samples))}, ${count(counts.cached)} of them from the cache, ${count(counts.requests)} requests`,
  );
  if (counts.retried > 0) lines.more(`${count(counts.retried)} tries failed and were made again`);
  if (summary.damaged > 0)
    lines.more(`${count(summary.damaged)} damaged entries of the cache were found and made again`);
  lines.add(
    'Tokens',
    `${count(counts.promptTokens)} read, ${count(counts.completionTokens)} written, as the server counts`,
  );
  const known = answers.correct + answers.incorrect;
  if (known > 0) {
    lines.add(
      'Answers',
      `${count(answers.correct)} right of ${count(known)} (${share(answers.correct, known)})`,
    );
    lines.more(`${count(solved.problems)} of ${count(solved.of)} problems with at least one right answer`);
  }
  if (answers.unknown > 0)
    lines.more(`${count(answers.unknown)} cannot be compared: no answer, or no reference`);
  if (summary.cut > 0)
    lines.add('Cut', paint.yellow(`${count(summary.cut)} at the limit of tokens: see --max-tokens`));
  for (const { reason, samples } of summary.missing)
    lines.add('Missing', paint.yellow(`${count(samples)} × ${reason}`));
  lines.add('Written', `${summary.file}, ${(summary.bytes / 1e6).toFixed(1)} MB`);
  lines.add('Cache', summary.cache);
  lines.add('Time', `${summary.seconds.toFixed(1)} s`);
  stdout.write(lines.text);
}
