// The report of `prm format` as text on the screen.
import { createColors } from 'picocolors';
import { describeEvidence } from '../datasets/completionsReading.ts';
import type { ClassCounts, FormatReport, InputReport, SideReport } from '../datasets/format/formatReport.ts';
import type { CommandContext } from './command.ts';
import { count } from './figures.ts';
import { Report } from './report.ts';

export function printFormatReport(
  report: FormatReport,
  { stdout, colour }: Pick<CommandContext, 'stdout' | 'colour'>,
): void {
  const paint = createColors(colour);
  const lines = new Report(paint);
  const { inputs, sides, files } = report;
  for (const input of inputs) {
    if (inputs.length > 1 && input !== inputs[0]) lines.blank();
    addInput(lines, input, report);
  }
  if (inputs.length > 1) {
    lines.blank();
    lines.add('Together', `${count(report.rows)} rows read, ${count(report.problems)} problems`);
    for (const text of parts(report)) lines.more(text);
  }
  if (report.shuffled) lines.add('Order', 'random, by the seed');
  lines.blank();
  for (const line of table(sides.train, sides.validation, paint.bold)) lines.line(line);
  lines.blank();
  for (const warning of report.warnings) lines.line(paint.yellow(`Warning: ${warning}`));
  lines.add('Written', `${files.train}, ${files.validation}, ${files.info}`);
  lines.add('Time', `${report.seconds.toFixed(1)} s`);
  stdout.write(lines.text);
}

function addInput(lines: Report, input: InputReport, { emptyStepPolicy }: FormatReport): void {
  const { source, layout, reading } = input;
  lines.add(
    'Dataset',
    source.hub === undefined ? source.dataset : `${source.hub.id} at ${source.hub.revision}`,
  );
  lines.layout(layout);
  if (reading !== undefined) {
    lines.add('Completions', `read as ${lines.paint.bold(reading.reading)}, ${WHY[reading.by]}`);
    for (const line of describeEvidence(reading.evidence)) lines.more(line);
    if (reading.reading === 'attempts') {
      lines.more("each line of an attempt is a step and takes the attempt's label");
    }
  }
  lines.add('Rows', rowsText(input));
  lines.add('Steps', stepsText(input, emptyStepPolicy));
  if (input.stepsWithoutLabel > 0) {
    const steps = count(input.stepsWithoutLabel);
    lines.more(`${steps} are neutral or unlabelled: they stay in their path, without an example`);
  }
  for (const [wrapper, rows] of Object.entries(input.wrappers)) {
    lines.add('Prompts', `${wrapper} wrapper taken off in ${count(rows)} rows`);
  }
  for (const skipped of input.skipped) lines.skipped(skipped);
}

function rowsText({ rows, usedRows, problems, paths, count: wanted }: InputReport): string {
  const chosen = wanted === undefined ? '' : `, ${count(usedRows)} of them chosen by the seed`;
  return `${count(rows)} read${chosen}, ${count(problems)} problems, ${count(paths)} paths`;
}

/** Empty steps are named wherever there are any: they are examples that say nothing. */
function stepsText({ steps, emptySteps }: InputReport, policy: FormatReport['emptyStepPolicy']): string {
  if (emptySteps === 0) return count(steps);
  return policy === 'keep'
    ? `${count(steps)}, ${count(emptySteps)} of them empty (--empty_steps drop leaves them out)`
    : `${count(steps + emptySteps)}, ${count(emptySteps)} of them empty and left out`;
}

/** What each input gives to the training file, and what of it is left out. */
function parts({ inputs }: FormatReport): string[] {
  const sum = ({ correct, incorrect }: ClassCounts): number => correct + incorrect;
  const total = inputs.reduce((examples, { sides }) => examples + sum(sides.train.after), 0);
  return inputs.map(({ source, sides, weight }) => {
    const [used, available] = [sum(sides.train.after), sum(sides.train.before)];
    const share = total === 0 ? 0 : (100 * used) / total;
    const asked = weight === undefined ? '' : ` (weight ${weight})`;
    const dropped = available > used ? `; ${count(available - used)} left out` : '';
    return `${source.dataset}${asked}: ${count(used)} training examples, ${share.toFixed(1)} %${dropped}`;
  });
}

const WHY: Record<NonNullable<InputReport['reading']>['by'], string> = {
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
