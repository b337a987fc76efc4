// The report of `prm export` as text on the screen.
import { createColors } from 'picocolors';
import type { ExportReport, LossCount } from '../datasets/export/exportReport.ts';
import type { CommandContext } from './command.ts';
import { count, sizeText } from './figures.ts';
import { Report } from './report.ts';

const pathsText = (paths: number): string => (paths === 1 ? '1 path' : `${count(paths)} paths`);

export function printExportReport(
  report: ExportReport,
  { stdout, colour }: Pick<CommandContext, 'stdout' | 'colour'>,
): void {
  const paint = createColors(colour);
  const lines = new Report(paint);
  for (const { dataset, layout, reading, rows, paths, steps, skipped, wrappers } of report.inputs) {
    lines.add('Dataset', dataset);
    lines.layout(layout);
    if (reading !== undefined) lines.add('Completions', `read as ${paint.bold(reading.reading)}`);
    lines.add('Rows', `${count(rows)} read, ${pathsText(paths)}, ${count(steps)} steps`);
    for (const [wrapper, wrapped] of Object.entries(wrappers)) {
      lines.add('Prompts', `${wrapper} wrapper taken off in ${count(wrapped)} rows`);
    }
    for (const one of skipped) lines.skipped(one);
    lines.blank();
  }
  for (const loss of report.leftOut) {
    lines.add('Left out', paint.yellow(lossText(loss)));
    for (const remedy of remedies(loss)) lines.more(remedy);
  }
  for (const loss of report.converted) {
    lines.add('Converted', paint.yellow(lossText(loss)));
    if (loss.rule !== undefined) lines.more(loss.rule);
  }
  for (const note of report.notes) lines.add('Note', note);
  lines.add('Written', `${report.file}: ${paint.bold(report.title)}, ${sizeText(report.bytes)}`);
  lines.more(`${count(report.rows)} rows, ${pathsText(report.paths)}, ${count(report.steps)} steps`);
  const missing = report.leftOut.reduce((sum, { paths }) => sum + paths, 0);
  if (missing > 0) {
    const all = missing + report.paths;
    lines.more(`${count(missing)} of ${pathsText(all)} left out, see above`);
  }
  lines.add('Time', `${report.seconds.toFixed(1)} s`);
  stdout.write(lines.text);
}

function lossText({ what, paths, firstRows }: LossCount): string {
  return `${pathsText(paths)} with ${what}, row ${firstRows.join(', ')}${paths > firstRows.length ? ', …' : ''}`;
}

function remedies({ rule, remedy }: LossCount): string[] {
  const lossy = rule === undefined ? [] : [`--lossy writes them: ${rule}`];
  return remedy === undefined ? lossy : [...lossy, remedy];
}
