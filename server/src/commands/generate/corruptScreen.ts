// The report of `prm generate corrupt` as text on the screen.
import { createColors } from 'picocolors';
import type { CorruptionSummary, StrategyCount } from '../../generation/corruptionReport.ts';
import type { CommandContext } from '../command.ts';
import { count, sizeText } from '../figures.ts';
import { Report } from '../report.ts';

const share = (part: number, of: number): string => `${((100 * part) / Math.max(1, of)).toFixed(1)} %`;

export function printCorruptionSummary(
  summary: CorruptionSummary,
  { stdout, colour }: Pick<CommandContext, 'stdout' | 'colour'>,
): void {
  const paint = createColors(colour);
  const lines = new Report(paint);
  for (const { dataset, layout } of summary.datasets) lines.add('Dataset', `${dataset} (${layout})`);
  for (const one of summary.skipped) lines.skipped(one);
  lines.add('Solutions', count(summary.problems));
  if (summary.fewer > 0) {
    const none = summary.none === 0 ? '' : `, ${count(summary.none)} of them none`;
    lines.more(`${count(summary.fewer)} gave fewer different errors than asked for${none}`);
  }
  lines.add(
    'Paths',
    `${count(summary.correct)} correct, ${paint.bold(count(summary.incorrect))} with one error`,
  );
  lines.blank();
  const columns = (name: string, local: string, consistent: string, part: string): void => {
    lines.line(`  ${name.padEnd(20)}${local.padStart(9)}${consistent.padStart(12)}${part.padStart(9)}`);
  };
  columns('strategy', 'local', 'carried on', 'of all');
  for (const { strategy, local, consistent } of [...summary.strategies, totalOf(summary)]) {
    columns(strategy, count(local), count(consistent), share(local + consistent, summary.incorrect));
  }
  lines.blank();
  if (summary.incorrect > 0) addPlaces(lines, summary);
  lines.add('Written', `${summary.file}, ${sizeText(summary.bytes)}`);
  lines.add('Time', `${summary.seconds.toFixed(2)} s`);
  stdout.write(lines.text);
}

function addPlaces(lines: Report, { errorSteps, errorPlaces, incorrect }: CorruptionSummary): void {
  const steps = errorSteps.map((paths, index) => `${index + 1}: ${count(paths)}`);
  const more = errorSteps.length === 12 ? ' (the last also holds later ones)' : '';
  lines.add('Wrong step', `${steps.join(', ')}${more}`);
  const places = errorPlaces.map((paths) => share(paths, incorrect));
  lines.more(`from the first step of a path to its last, in fifths: ${places.join(', ')}`);
}

function totalOf({ strategies }: CorruptionSummary): StrategyCount {
  const total = { strategy: 'all', local: 0, consistent: 0 };
  for (const { local, consistent } of strategies) {
    total.local += local;
    total.consistent += consistent;
  }
  return total;
}
