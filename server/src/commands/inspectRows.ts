// Rows as traces on the screen: problem, steps with labels and soft labels, the first wrong step, verdicts on equations.
import picocolors from 'picocolors';
import type { EquationMark, StepLabel, TraceStepView, TraceView } from '../../../protocol/src/datasets.ts';
import { visibleLine, visibleLines } from '../datasets/query/visibleText.ts';

/** The signs of `.steps` documents. */
const SIGNS: Readonly<Record<StepLabel, string>> = {
  correct: '+',
  incorrect: '-',
  neutral: '0',
  unlabelled: ' ',
};
const LABEL_WIDTH = 'unlabelled'.length;
const VERDICTS: Readonly<Record<EquationMark['verdict'], string>> = { holds: '✓', fails: '✗', unsure: '?' };
/** Equations listed under a step. */
const STEP_EQUATIONS = 12;

type Colours = ReturnType<typeof picocolors.createColors>;

/** One path of a row, ended by an empty line. Text of the dataset cannot steer the terminal. */
export function traceText(view: TraceView, unit: 'Row' | 'Line', colour: boolean): string {
  const paint = picocolors.createColors(colour);
  const { trace, fault, number } = view;
  const count = trace !== undefined && trace.count > 1 ? `, path ${trace.index + 1} of ${trace.count}` : '';
  const lines = [paint.bold(`${unit} ${number.toLocaleString('en')}${count}`)];
  if (fault !== undefined) {
    const detail = fault.detail === undefined ? '' : ` (${visibleLine(fault.detail)})`;
    lines.push(paint.yellow(`  ${visibleLine(fault.reason)}${detail}`));
  }
  if (trace === undefined) {
    if (view.json !== '') lines.push(paint.dim(indented(visibleLines(view.json), '  ')));
    return `${lines.join('\n')}\n\n`;
  }
  const { problem, answer, alternativeAt = 1, steps, totalSteps, firstError } = trace;
  if (trace.index === 0) lines.push(`  Problem: ${indented(visibleLines(problem), '    ').trimStart()}`);
  if (alternativeAt > 1) {
    lines.push(paint.dim(`  The steps before step ${alternativeAt} are those of an earlier path.`));
  }
  for (const step of steps.slice(alternativeAt - 1)) lines.push(...stepLines(step, firstError, paint));
  const more = totalSteps - steps.length;
  if (more > 0) lines.push(paint.dim(`  … and ${more.toLocaleString('en')} more steps`));
  if (answer !== undefined && trace.index === 0) {
    lines.push(`  Reference answer: ${indented(visibleLines(answer), '    ').trimStart()}`);
  }
  return `${lines.join('\n')}\n\n`;
}

function stepLines(step: TraceStepView, firstError: number | null, paint: Colours): string[] {
  const { number, text, cut, label, soft, equations } = step;
  const isFirst = number === firstError;
  const tint = tintOf(label, paint);
  const share = soft === undefined ? '' : ` ${soft.toFixed(2)}`;
  const head = `${isFirst ? '>' : ' '} ${String(number).padStart(3)} ${SIGNS[label]} `;
  const indent = ' '.repeat(head.length + LABEL_WIDTH + share.length + 2);
  const words = indented(visibleLines(text), indent).trimStart();
  const end = cut === true ? '…' : '';
  const lines = [
    `${isFirst ? paint.bold(head) : head}${tint(label.padEnd(LABEL_WIDTH))}${share}  ` +
      `${isFirst ? paint.bold(words) : words}${end}`,
  ];
  if (isFirst) lines.push(`${indent}${paint.red('^ the first incorrect step')}`);
  for (const { verdict, explanation } of equations.slice(0, STEP_EQUATIONS)) {
    const line = `${VERDICTS[verdict]} ${visibleLine(explanation)}`;
    lines.push(`${indent}${verdict === 'fails' ? paint.red(line) : paint.dim(line)}`);
  }
  const more = equations.length - STEP_EQUATIONS;
  if (more > 0) lines.push(`${indent}${paint.dim(`… and ${more} more equations`)}`);
  return lines;
}

function tintOf(label: StepLabel, { green, red, yellow, dim }: Colours): (text: string) => string {
  return { correct: green, incorrect: red, neutral: yellow, unlabelled: dim }[label];
}

function indented(text: string, indent: string): string {
  return text.replace(/^(?=.)/gm, indent);
}
