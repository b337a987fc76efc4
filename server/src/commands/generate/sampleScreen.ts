// The report of `prm generate sample` as text on the screen.
import { createColors } from 'picocolors';
import type { SampleCost, SampleSummary } from '../../generation/sampleDatasets.ts';
import type { CommandContext } from '../command.ts';
import { count, sizeText } from '../figures.ts';
import { Report } from '../report.ts';
import { addServerNotes } from '../serverNotes.ts';

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
  lines.add('Problems', problemsText(summary));
  lines.add(
    'Samples',
    `${paint.bold(count(summary.samples))}, ${count(counts.cached)} of them from the cache, ${count(counts.requests)} requests`,
  );
  lines.add(
    'Tokens',
    `${count(counts.promptTokens)} read, ${count(counts.completionTokens)} written, as the server counts`,
  );
  addServerNotes(lines, counts, summary.damaged);
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
  for (const { reason, samples, detail } of summary.missing) {
    lines.add('Missing', paint.yellow(`${count(samples)} × ${reason}`));
    if (detail !== undefined) lines.more(`such as: ${detail}`);
  }
  if (summary.missing.some(({ kind }) => kind === 'over-budget')) {
    lines.more('the same command with a larger budget goes on from there, and pays only for what is missing');
  }
  lines.add('Written', `${summary.file}, ${sizeText(summary.bytes)}`);
  lines.add('Cache', summary.cache);
  lines.add('Time', `${summary.seconds.toFixed(1)} s`);
  stdout.write(lines.text);
}

/** What a run would ask for. */
export function printSampleCost(
  cost: SampleCost,
  { stdout, colour }: Pick<CommandContext, 'stdout' | 'colour'>,
): void {
  const lines = new Report(createColors(colour));
  for (const one of cost.skipped) lines.skipped(one);
  lines.add('Problems', problemsText(cost));
  lines.add('Samples', `${count(cost.samples)}, ${count(cost.cached)} of them in the cache`);
  if (cost.requests === 0) lines.add('Cost', 'nothing: the cache has all that is needed');
  else addRequests(lines, cost);
  stdout.write(lines.text);
}

function addRequests(lines: Report, cost: SampleCost): void {
  lines.add('Requests', count(cost.requests));
  lines.add(
    'Tokens',
    `about ${count(cost.promptTokens)} read (guessed from the length), at most ${count(cost.completionTokens)} written`,
  );
}

function problemsText({ problems, repeated }: { problems: number; repeated: number }): string {
  return repeated === 0
    ? count(problems)
    : `${count(problems)}; ${count(repeated)} rows with a problem that came before`;
}
