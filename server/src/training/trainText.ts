// The words for a training run on a terminal: progress, evaluations, the table at its end.
import type { EvaluationEvent, EvaluationMetrics, StepEvent } from '../../../protocol/src/runs.ts';
import type { PathCounts } from './data.ts';
import type { TrainOutcome } from './train.ts';

/** Loss and accuracy of single batches jump; people are shown a running mean with this weight on the newest. */
const SMOOTHING = 0.1;

/** Running means of what step events say. */
export class SmoothedSteps {
  private loss: number | undefined;
  private accuracy: number | undefined;

  /** `epoch 1  step 120/900  loss 0.213  accuracy 91.2 %  3.1 steps/s  3,900 tokens/s  4 min left` */
  describe(event: StepEvent): string {
    this.loss = mix(this.loss, event.loss);
    this.accuracy = mix(this.accuracy, event.accuracy);
    return [
      ...(event.stage === undefined ? [] : [event.stage]),
      `epoch ${event.epoch + 1}`,
      `step ${event.step}/${event.totalSteps}`,
      `loss ${this.loss.toFixed(3)}`,
      `accuracy ${percent(this.accuracy)}`,
      `${event.stepsPerSecond.toFixed(event.stepsPerSecond < 10 ? 2 : 0)} steps/s`,
      `${count(event.tokensPerSecond)} tokens/s`,
      `${duration(event.secondsLeft)} left`,
    ].join('  ');
  }
}

function mix(mean: number | undefined, value: number): number {
  return mean === undefined ? value : mean + SMOOTHING * (value - mean);
}

export function describeEvaluation({ step, metrics, best }: EvaluationEvent): string {
  return (
    `step ${step}: validation loss ${metrics.loss.toFixed(3)}, accuracy ${percent(metrics.accuracy)} ` +
    `(majority ${percent(metrics.majorityAccuracy)}), balanced ${percent(metrics.balancedAccuracy)}` +
    (best ? ', best so far' : '')
  );
}

/** `training: 3,482 paths, 512,000 tokens, 7,012 correct and 6,990 incorrect steps (1,204 without a label)` */
export function describeData(split: string, counts: PathCounts): string {
  const unlabelled = counts.unlabelled === 0 ? '' : ` (${count(counts.unlabelled)} more without a label)`;
  return (
    `${split}: ${count(counts.paths)} paths, ${count(counts.tokens)} tokens, ` +
    `${count(counts.correct)} correct and ${count(counts.incorrect)} incorrect steps${unlabelled}` +
    (counts.soft === 0 ? '' : `, ${count(counts.soft)} of them learned by their share`) +
    (counts.emptySteps === 0 ? '' : `; ${count(counts.emptySteps)} empty steps left out`)
  );
}

/** Columns of the last table: what was measured, and of which weights. */
interface Column {
  title: string;
  metrics: EvaluationMetrics;
}

/** The models on the validation paths, beside always answering the more frequent class. */
export function finalTable(outcome: TrainOutcome): string {
  const columns: Column[] = [];
  if (outcome.best !== undefined) {
    columns.push({ title: `best_model (step ${outcome.best.step})`, metrics: outcome.best.metrics });
  }
  if (outcome.finalMetrics !== undefined && outcome.best?.step !== outcome.step) {
    columns.push({ title: `final_model (step ${outcome.step})`, metrics: outcome.finalMetrics });
  }
  const [first] = columns;
  if (first === undefined) return 'Nothing was evaluated: there is no validation data.\n';
  const { steps, incorrect } = first.metrics;
  const majority = 2 * incorrect > steps ? 'incorrect' : 'correct';
  // Always `correct` finds no incorrect step; always `incorrect` finds all, and is right about that many.
  const majorityF1 =
    incorrect === 0 ? null : majority === 'correct' ? 0 : (2 * incorrect) / (steps + incorrect);
  const bothClasses = incorrect > 0 && incorrect < steps;
  const rows: [name: string, of: (metrics: EvaluationMetrics) => string, baseline: string][] = [
    ['loss', (metrics) => metrics.loss.toFixed(4), ''],
    ['accuracy', (metrics) => percent(metrics.accuracy), percent(first.metrics.majorityAccuracy)],
    ['balanced accuracy', (metrics) => percent(metrics.balancedAccuracy), percent(bothClasses ? 0.5 : null)],
    ['F1 of incorrect steps', (metrics) => percent(metrics.f1Incorrect), percent(majorityF1)],
    ['AUROC', (metrics) => fixed(metrics.auroc), fixed(bothClasses ? 0.5 : null)],
  ];
  const cells = [
    [`${count(steps)} validation steps`, ...columns.map(({ title }) => title), `always "${majority}"`],
    ...rows.map(([name, of, baseline]) => [name, ...columns.map(({ metrics }) => of(metrics)), baseline]),
  ];
  return aligned(cells);
}

/** Columns padded to the widest cell, the first one to the left. */
export function aligned(cells: readonly (readonly string[])[]): string {
  const widths = (cells[0] ?? []).map((_, column) =>
    Math.max(...cells.map((row) => row[column]?.length ?? 0)),
  );
  return cells
    .map((row) =>
      row
        .map((cell, column) =>
          column === 0 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0),
        )
        .join('   ')
        .trimEnd(),
    )
    .map((line) => `${line}\n`)
    .join('');
}

function percent(rate: number | null): string {
  return rate === null ? 'n/a' : `${(100 * rate).toFixed(1)} %`;
}

function fixed(rate: number | null): string {
  return rate === null ? 'n/a' : rate.toFixed(4);
}

/** `12,345` */
export function count(value: number): string {
  return Math.round(value).toLocaleString('en-US');
}

/** `45 s`, `4 min`, `2 h 05 min` */
export function duration(seconds: number): string {
  if (seconds < 90) return `${Math.max(0, Math.round(seconds))} s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 60) return `${minutes} min`;
  return `${Math.floor(minutes / 60)} h ${String(minutes % 60).padStart(2, '0')} min`;
}
