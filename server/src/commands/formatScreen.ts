// The report of `prm format` as text on the screen.
import { createColors } from 'picocolors';
import { describeEvidence } from '../datasets/completionsReading.ts';
import type { ClassCounts, FormatReport, SideReport } from '../datasets/formatReport.ts';
import type { CommandContext } from './command.ts';

const count = (value: number): string => value.toLocaleString('en');

export function printFormatReport(
  report: FormatReport,
  { stdout, colour }: Pick<CommandContext, 'stdout' | 'colour'>,
): void {
  const paint = createColors(colour);
  const lines: string[] = [];
  const add = (title: string, text: string): void => {
    lines.push(`${paint.bold(title.padEnd(13))} ${text}`);
  };
  const { source, reading, sides, files } = report;

  add('Dataset', source.hub === undefined ? source.dataset : `${source.hub.id} at ${source.hub.revision}`);
  add('Completions', `read as ${paint.bold(reading.reading)}, ${WHY[reading.by]}`);
  const addMore = (text: string): void => {
    lines.push(paint.dim(`${' '.repeat(14)}${text}`));
  };
  for (const line of describeEvidence(reading.evidence)) addMore(line);
  if (reading.reading === 'attempts') {
    addMore("each line of an attempt is a step and takes the attempt's label");
  }
  add('Rows', `${count(report.rows)} read, ${count(report.problems)} problems, ${count(report.paths)} paths`);
  add('Steps', stepsText(report));
  if (report.stepsWithoutLabel > 0) {
    addMore(
      `${count(report.stepsWithoutLabel)} are neutral or unlabelled: they stay in their path, without an example`,
    );
  }
  for (const [wrapper, rows] of Object.entries(report.wrappers)) {
    add('Prompts', `${wrapper} wrapper taken off in ${count(rows)} rows`);
  }
  for (const { reason, count: rows, firstRows, firstDetail } of report.skipped) {
    const more = rows > firstRows.length ? ', …' : '';
    const detail = firstDetail === undefined ? '' : ` (the first: ${firstDetail})`;
    add('Skipped', paint.yellow(`${count(rows)} × ${reason}, row ${firstRows.join(', ')}${more}${detail}`));
  }

  lines.push('', ...table(sides.train, sides.validation, paint.bold), '');
  for (const warning of report.warnings) lines.push(paint.yellow(`Warning: ${warning}`));
  add('Written', `${files.train}, ${files.validation}, ${files.info}`);
  add('Time', `${report.seconds.toFixed(1)} s`);
  stdout.write(`${lines.join('\n')}\n`);
}

/** Empty steps are named wherever there are any: they are examples that say nothing. */
function stepsText({ steps, emptySteps, emptyStepPolicy }: FormatReport): string {
  if (emptySteps === 0) return count(steps);
  return emptyStepPolicy === 'keep'
    ? `${count(steps)}, ${count(emptySteps)} of them empty (--empty_steps drop leaves them out)`
    : `${count(steps + emptySteps)}, ${count(emptySteps)} of them empty and left out`;
}

const WHY: Record<FormatReport['reading']['by'], string> = {
  option: 'as asked',
  vote: 'by a vote of all rows',
  fallback: 'since no row tells',
};

function table(train: SideReport, validation: SideReport, bold: (text: string) => string): string[] {
  const cells = (name: string, counts: ClassCounts, problems: string): string[] => [
    name,
    problems,
    count(counts.correct + counts.incorrect),
    count(counts.correct),
    count(counts.incorrect),
  ];
  const rows = [['', 'problems', 'examples', 'correct', 'incorrect']];
  for (const [name, side] of Object.entries({ train, validation })) {
    if (side.balanced) rows.push(cells(`${name}, before balancing`, side.before, ''));
    rows.push(cells(side.balanced ? `${name}, balanced` : name, side.after, count(side.problems)));
  }
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows.map((row, index) => {
    const line = row
      .map((cell, column) => {
        const width = widths[column] ?? 0;
        return column === 0 ? cell.padEnd(width) : cell.padStart(width);
      })
      .join('  ');
    return index === 0 ? bold(line) : line;
  });
}
