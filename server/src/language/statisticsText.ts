// The statistics of a formatted dataset as a plain text document.
import { describeEvidence } from '../datasets/completionsReading.ts';
import type { FormatReport, InputReport, SideReport } from '../datasets/format/formatReport.ts';

export function statisticsText(report: FormatReport): string {
  const { inputs, sides, files, emptyStepPolicy } = report;
  return [
    ...inputs.flatMap((input) => inputLines(input, emptyStepPolicy)),
    '',
    `${''.padEnd(30)}${['problems', 'examples', 'correct', 'incorrect'].map(cell).join('')}`,
    ...sideLines('training', sides.train),
    ...sideLines('validation', sides.validation),
    '',
    ...report.warnings.map((warning) => `Warning: ${warning}`),
    `Written      ${files.train}`,
    `             ${files.validation}`,
    `             ${files.info}`,
    `Time         ${report.seconds.toFixed(1)} s`,
    '',
  ].join('\n');
}

function inputLines(input: InputReport, emptySteps: FormatReport['emptyStepPolicy']): string[] {
  const { source, layout, reading } = input;
  return [
    `Dataset      ${source.hub === undefined ? source.dataset : `${source.hub.id} at ${source.hub.revision}`}`,
    `Layout       ${layout.title}, ${layout.by === 'option' ? 'as asked' : 'recognised'}`,
    ...layout.evidence.map((sentence) => `             ${sentence}`),
    ...(reading === undefined
      ? []
      : [
          `Completions  read as ${reading.reading}`,
          ...describeEvidence(reading.evidence).map((line) => `             ${line}`),
        ]),
    `Rows         ${count(input.rows)}, of ${count(input.problems)} problems, ${count(input.paths)} reasoning paths`,
    ...Object.entries(input.wrappers).map(
      ([wrapper, rows]) => `Prompts      ${wrapper} wrapper taken off in ${count(rows)} rows`,
    ),
    ...(input.emptySteps > 0
      ? [`Empty steps  ${count(input.emptySteps)}, ${emptySteps === 'keep' ? 'kept' : 'dropped'}`]
      : []),
    ...(input.stepsWithoutLabel > 0
      ? [`Unlabelled   ${count(input.stepsWithoutLabel)} steps stay in their path but make no example`]
      : []),
    ...input.skipped.map(
      ({ reason, count: rows, firstRows }) =>
        `Skipped      ${count(rows)} rows: ${reason}; row ${firstRows.join(', ')}${rows > firstRows.length ? ', …' : ''}`,
    ),
  ];
}

function sideLines(name: string, { problems, before, after, balanced }: SideReport): string[] {
  const line = (title: string, counts: SideReport['after']): string =>
    title.padEnd(30) +
    [problems, counts.correct + counts.incorrect, counts.correct, counts.incorrect]
      .map(count)
      .map(cell)
      .join('');
  return balanced
    ? [line(`${name}, before balancing`, before), line(`${name}, balanced`, after)]
    : [line(name, after)];
}

function cell(text: string): string {
  return text.padStart(12);
}

function count(value: number): string {
  return value.toLocaleString('en');
}
