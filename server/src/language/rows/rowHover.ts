// A path of a dataset as a hover: problem, labelled steps around the cursor, verdicts on their equations.
import { findEquations } from '../../models/arithmetic/index.ts';
import type { Step } from '../../datasets/trace.ts';
import { escapeMarkdown, shortened } from '../markdown.ts';
import { describeLabel, FAILS, HOLDS, labelMark } from '../words.ts';
import type { LabelledPath } from './stepLabels.ts';

/** Steps shown before the one under the cursor, and steps shown in all. */
const STEPS_BEFORE = 5;
const MOST_STEPS = 12;
/** UTF-16 units of what a dataset says. */
const LONGEST_PROBLEM = 600;
const LONGEST_STEP = 300;
const LONGEST_EXPLANATION = 200;
const LONGEST_ANSWER = 100;
/** Of a step's text, for equations: a step can be as long as a book. */
const LONGEST_SEARCH = 2000;
const MOST_EQUATIONS = 6;

export interface HoveredRow {
  /** `Row 12, TRL stepwise`; undefined for a `.steps` document. */
  title: string | undefined;
  path: LabelledPath;
  /** 0-based, and how many the row has. */
  pathIndex: number;
  pathCount: number;
  answer?: string | undefined;
  /** Step under the cursor, 0-based. */
  current: number | undefined;
}

/** Markdown of bounded length. Text of the dataset is escaped: it is data. */
export function describeRow({ title, path, pathIndex, pathCount, answer, current }: HoveredRow): string {
  const { trace, firstError } = path;
  const { steps } = trace;
  const facts = [
    ...(title === undefined ? [] : [escapeMarkdown(title)]),
    `${steps.length.toLocaleString('en')} ${steps.length === 1 ? 'step' : 'steps'}`,
    firstErrorText(firstError, steps),
    ...(pathCount > 1 ? [`path ${pathIndex + 1} of ${pathCount}`] : []),
  ];
  const paragraphs = [facts.join(' · ')];
  if (trace.problem !== '') paragraphs.push(escaped(trace.problem, LONGEST_PROBLEM));
  paragraphs.push(stepList(path, current));
  if (answer !== undefined) paragraphs.push(`Reference answer: ${escaped(answer, LONGEST_ANSWER)}`);
  return paragraphs.join('\n\n');
}

function firstErrorText(firstError: number | null, steps: readonly Step[]): string {
  if (firstError !== null) return `first wrong step ${firstError + 1}`;
  return steps.some(({ label }) => label !== 'unlabelled') ? 'no wrong step' : 'no labels';
}

function stepList({ trace: { steps }, firstError }: LabelledPath, current: number | undefined): string {
  const around = current ?? 0;
  const first = Math.max(0, Math.min(around - STEPS_BEFORE, steps.length - MOST_STEPS));
  const shown = steps.slice(first, first + MOST_STEPS);
  const lines = shown.flatMap((step, offset) => {
    const index = first + offset;
    return stepLines(step, index, { isFirstError: index === firstError, isCurrent: index === current });
  });
  const rest = steps.length - first - shown.length;
  if (first > 0) lines.unshift(`- … ${stepsText(first)} before`);
  if (rest > 0) lines.push(`- … ${stepsText(rest)} more`);
  return lines.join('\n');
}

function stepsText(count: number): string {
  return `${count.toLocaleString('en')} ${count === 1 ? 'step' : 'steps'}`;
}

function stepLines(
  step: Step,
  index: number,
  { isFirstError, isCurrent }: { isFirstError: boolean; isCurrent: boolean },
): string[] {
  const mark = labelMark(step, isFirstError) || '·';
  const text = escaped(step.text, LONGEST_STEP) || '(empty)';
  const line = `${mark} ${index + 1}: ${text}`;
  const verdicts = equationLines(step.text, isCurrent);
  if (!isCurrent) return [`- ${line}`, ...verdicts];
  const label = step.label === 'unlabelled' && step.soft === undefined ? 'not labelled' : describeLabel(step);
  return [`- **${line}** (${label})`, ...verdicts];
}

/** All equations of the step under the cursor, of other steps only those that fail. */
function equationLines(text: string, all: boolean): string[] {
  const equations = findEquations(text.slice(0, LONGEST_SEARCH)).filter(
    ({ verdict }) => all || verdict === 'fails',
  );
  const marks = { holds: HOLDS, fails: FAILS, unsure: '?' };
  const lines = equations
    .slice(0, MOST_EQUATIONS)
    .map(({ verdict, explanation }) => `  - ${marks[verdict]} ${escaped(explanation, LONGEST_EXPLANATION)}`);
  if (equations.length > lines.length) lines.push(`  - and ${equations.length - lines.length} more`);
  return lines;
}

function escaped(text: string, most: number): string {
  // Cut first: escaping makes a text twice as long, and a cut could fall between a backslash and its character.
  return escapeMarkdown(
    shortened(
      text
        .slice(0, 4 * most)
        .replace(/\s+/g, ' ')
        .trim(),
      most,
    ),
  );
}
