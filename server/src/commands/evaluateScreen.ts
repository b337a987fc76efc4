// What `prm evaluate` found, as a table for people.
import { createColors } from 'picocolors';
import type { Evaluation } from './evaluateRun.ts';
import { count } from './figures.ts';
import { Report } from './report.ts';

/** Worst steps that are shown; all of them are in the JSON. */
const WORST_SHOWN = 3;
const TEXT_SHOWN = 100;

export function evaluationText(evaluation: Evaluation, colour: boolean): string {
  const { model, data, threshold, traces, tooLong, skippedRows, metrics, firstError, report } = evaluation;
  const paint = createColors(colour);
  const screen = new Report(paint);
  const millions = (model.parameters / 1e6).toFixed(1);
  screen.add('Model', `${oneLine(model.name)} (${millions}M parameters) on ${model.device}`);
  screen.more(model.modelFolder);
  screen.add('Data', `${oneLine(data)}: ${count(traces)} solutions`);
  screen.more(`${count(metrics.steps)} labelled steps, ${count(metrics.incorrect)} of them incorrect`);
  if (tooLong > 0) {
    screen.add(
      'Left out',
      paint.yellow(`${count(tooLong)} solutions of more than ${count(model.maxTokens)} tokens`),
    );
  }
  if (skippedRows > 0) {
    screen.add(
      'Skipped',
      paint.yellow(`${count(skippedRows)} rows that could not be read; prm inspect says why`),
    );
  }
  screen.blank();
  const majority = 2 * metrics.incorrect > metrics.steps ? 'incorrect' : 'correct';
  screen.add('Accuracy', `${percent(metrics.accuracy)}, at a threshold of ${threshold}`);
  screen.more(`always "${majority}" would have ${percent(metrics.majorityAccuracy)}`);
  screen.add('Balanced', percent(metrics.balancedAccuracy));
  screen.add('F1', `${percent(metrics.f1Incorrect)}, of incorrect steps`);
  screen.add('AUROC', metrics.auroc === null ? ONE_CLASS : metrics.auroc.toFixed(4));
  screen.add('Loss', `${metrics.loss.toFixed(4)} nats a step`);
  if (firstError !== null) {
    const { erroneous, correct, f1 } = firstError;
    screen.blank();
    screen.add(
      'First error',
      `found in ${percent(erroneous.accuracy)} of ${count(erroneous.count)} wrong solutions`,
    );
    screen.more(`none claimed in ${percent(correct.accuracy)} of ${count(correct.count)} correct ones`);
    screen.more(`F1 (harmonic mean of both, as ProcessBench): ${percent(f1)}`);
  }
  screen.blank();
  for (const { label, score, steps } of report.worst.slice(0, WORST_SHOWN)) {
    screen.add('Worst', `${label} step, scored ${score.toFixed(3)}: ${oneLine(steps.at(-1) ?? '')}`);
  }
  return screen.text;
}

const ONE_CLASS = 'not defined: one class is absent';

function percent(rate: number | null): string {
  return rate === null ? ONE_CLASS : `${(100 * rate).toFixed(1)} %`;
}

/** Control characters may not steer the terminal. */
function oneLine(text: string): string {
  const line = text.replace(/[\s\p{Cc}]+/gu, ' ').trim();
  return line.length > TEXT_SHOWN ? `${line.slice(0, TEXT_SHOWN)}…` : line;
}
