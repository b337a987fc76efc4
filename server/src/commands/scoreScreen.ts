// How scores look: a table for people, one JSON object for programs.
import cliTruncate from 'cli-truncate';
import picocolors from 'picocolors';
import type { Aggregate, LoadedModel } from '../../../protocol/src/engine.ts';
import { findEquations } from '../models/arithmetic/index.ts';

/** A text with the scores of its steps. */
export interface ScoredText {
  model: LoadedModel;
  threshold: number;
  aggregate: Aggregate;
  /** Of the whole trace; null without steps. */
  score: number | null;
  /** 0-based; null where every step reaches the threshold. */
  firstDoubtfulStep: number | null;
  milliseconds: number;
  /** Empty where the text has none. */
  problem: string;
  /** `start` and `end` are UTF-16 offsets into the text, a byte order mark not counted. */
  steps: { text: string; start: number; end: number; score: number }[];
}

interface TableOptions {
  colour: boolean;
  /** Width to cut lines to; Infinity where nothing is cut. */
  columns: number;
}

const DECIMALS = 3;

/** One row a step: mark, number, score, label, text; failed equations under doubtful steps; then the summary. */
export function scoreTable(scored: ScoredText, { colour, columns }: TableOptions): string {
  const { bold, dim, green, red } = picocolors.createColors(colour);
  const { steps, threshold, firstDoubtfulStep } = scored;
  const numberWidth = Math.max('step'.length, String(steps.length).length);
  const indent = ' '.repeat(2 + numberWidth + 2);
  const lines: string[] = [];
  if (scored.problem !== '') lines.push(dim(`Problem: ${oneLine(scored.problem)}`), '');
  lines.push(dim(`  ${'step'.padStart(numberWidth)}  score  label      text`));
  for (const [index, { text, score }] of steps.entries()) {
    const doubtful = score < threshold;
    const tint = doubtful ? red : green;
    const first = index === firstDoubtfulStep;
    const row = `${String(index + 1).padStart(numberWidth)}  ${score.toFixed(DECIMALS)}  `;
    const label = labelOf(score, threshold).padEnd('incorrect'.length);
    lines.push(
      `${first ? bold('>') : ' '} ${row}${tint(label)}  ${first ? bold(oneLine(text)) : oneLine(text)}`,
    );
    if (doubtful) lines.push(...failedEquations(text).map((explanation) => red(`${indent}^ ${explanation}`)));
  }
  const summary = summaryLines(scored).map((line) => bold(line));
  return [...lines.map((line) => cut(line, columns)), '', ...summary, dim(modelLine(scored)), ''].join('\n');
}

/** One object, indented, for other programs. */
export function scoreJson(scored: ScoredText): string {
  const { model, threshold, steps, ...rest } = scored;
  const contents = {
    model: model.name,
    modelFolder: model.modelFolder,
    device: model.device,
    threshold,
    ...rest,
    steps: steps.map(({ text, start, end, score }, index) => ({
      number: index + 1,
      index,
      score,
      label: labelOf(score, threshold),
      text,
      start,
      end,
    })),
  };
  return `${JSON.stringify(contents, null, 2)}\n`;
}

function labelOf(score: number, threshold: number): 'correct' | 'incorrect' {
  return score < threshold ? 'incorrect' : 'correct';
}

function failedEquations(step: string): string[] {
  return findEquations(step)
    .filter(({ verdict }) => verdict === 'fails')
    .map(({ explanation }) => oneLine(explanation));
}

function summaryLines({ aggregate, score, firstDoubtfulStep, threshold, steps }: ScoredText): string[] {
  const whole = `Score of the trace (${aggregate}): ${score === null ? 'none' : score.toFixed(DECIMALS)}`;
  if (firstDoubtfulStep === null) return [`No doubtful step: none scores under ${threshold}.`, whole];
  const place = `${firstDoubtfulStep + 1} of ${steps.length}`;
  return [`First doubtful step: ${place}, the first that scores under ${threshold}.`, whole];
}

function modelLine({ model, milliseconds }: ScoredText): string {
  const millions = (model.parameters / 1e6).toFixed(1);
  return `Model ${oneLine(model.name)} (${millions}M parameters) on ${model.device}, ${milliseconds.toFixed(0)} ms`;
}

/** White space and control characters become single spaces: a text may neither break the table nor steer the terminal. */
function oneLine(text: string): string {
  return text.replace(/[\s\p{Cc}]+/gu, ' ').trim();
}

/** One column stays free: cliTruncate may go one too far where a wide character falls on the edge. */
function cut(line: string, columns: number): string {
  return Number.isFinite(columns) ? cliTruncate(line, Math.max(columns - 1, 1)) : line;
}
