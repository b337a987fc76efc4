// The report of `prm generate corrupt` as text on the screen.
import { createColors } from 'picocolors';
import type { CorruptionSummary } from '../../generation/corruptionReport.ts';
import type { CommandContext } from '../command.ts';
import { Report } from '../report.ts';

const count = (value: number): string => value.toLocaleString('en');

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
  lines.line(`  ${'strategy'.padEnd(20)}${'local'.padStart(9)}${'carried on'.padStart(12)}`);
  for (const { strategy, local, consistent } of summary.strategies) {
    lines.line(`  ${strategy.padEnd(20)}${count(local).padStart(9)}${count(consistent).padStart(12)}`);
  }
  lines.blank();
  const last = summary.errorSteps.length;
  const places = summary.errorSteps.map((paths, index) => `${index + 1}: ${count(paths)}`);
  lines.add('Wrong step', `${places.join(', ')}${last === 12 ? ' (the last also holds later ones)' : ''}`);
  lines.add('Written', `${summary.file}, ${(summary.bytes / 1e6).toFixed(1)} MB`);
  lines.add('Time', `${summary.seconds.toFixed(2)} s`);
  stdout.write(lines.text);
}
