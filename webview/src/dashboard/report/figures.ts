// An evaluation's report as figures: calibration, scores by label, accuracy by the step's place.
import type { EvaluationReport } from '../../../../protocol/src/runs.ts';
import { count, counted, percent } from '../../ui/format.ts';
import type { Figure } from '../charts/figure.ts';
import { BASELINE_STYLE, lineStyle } from '../charts/styles.ts';

const score = (value: number) => value.toFixed(2);
const shareTick = (value: number) => `${Math.round(value * 100)} %`;
const countTick = (value: number) => (Number.isInteger(value) ? count(value) : '');
const UNIT = [0, 1] as const;
/** Bars of counts that stand behind a line. */
const COUNT_STYLE = { colour: 'var(--chart-quiet)', dash: [1, 0], width: 1 };

export function reportFigures(report: EvaluationReport): Figure[] {
  return [calibration(report), histogram(report), positions(report)];
}

/**
 * Mean distance between score and share of correct steps, each bin weighted by its steps: the expected calibration
 * error (Guo et al. 2017, https://arxiv.org/abs/1706.04599). Null without steps.
 */
export function calibrationError({ calibration: bins }: EvaluationReport): number | null {
  const all = bins.reduce((sum, { steps }) => sum + steps, 0);
  if (all === 0) return null;
  const distance = bins.reduce(
    (sum, { steps, meanScore, correctShare }) =>
      meanScore === null || correctShare === null ? sum : sum + steps * Math.abs(meanScore - correctShare),
    0,
  );
  return distance / all;
}

function calibration(report: EvaluationReport): Figure {
  const bins = report.calibration;
  const centres = bins.map((_, index) => (index + 0.5) / bins.length);
  const filled = bins.flatMap(({ steps, meanScore, correctShare }) =>
    meanScore === null || correctShare === null ? [] : [{ steps, meanScore, correctShare }],
  );
  const error = calibrationError(report);
  const curve = {
    x: filled.map(({ meanScore }) => meanScore),
    y: filled.map(({ correctShare }) => correctShare),
    style: lineStyle('validation', 0, 2),
    points: true,
  };
  const counts = {
    x: centres,
    y: bins.map(({ steps }) => steps),
    style: COUNT_STYLE,
    form: 'bars' as const,
    right: true,
  };
  const ideal = { x: [0, 1], y: [0, 1], style: BASELINE_STYLE };
  return {
    key: 'calibration',
    title: 'Calibration',
    group: 'calibration',
    summary:
      error === null
        ? 'Calibration: no labelled step was scored.'
        : `Calibration: how many steps with a score are correct. Expected calibration error ${score(error)} (0: scores ` +
          `are frequencies). ${filled
            .map(
              ({ steps, meanScore, correctShare }) =>
                `Score ${score(meanScore)}: ${percent(correctShare)} of ${counted(steps, 'step')}.`,
            )
            .join(' ')}`,
    ...(error === null
      ? { nothing: 'No labelled step was scored.' }
      : {
          note: `Expected calibration error ${score(error)}. On the dotted line a score is the frequency of correct steps.`,
        }),
    plot: {
      lines: [counts, ideal, curve],
      x: { ticks: score, label: 'Score', range: UNIT },
      y: { ticks: shareTick, range: UNIT },
      right: { ticks: countTick },
    },
    named: [
      { name: 'share correct', plot: curve, value: percent },
      { name: 'steps (right axis)', plot: counts, value: count },
      { name: 'perfect', plot: ideal, value: percent },
    ],
    place: (x) => `score ${score(x)}`,
    csv: () => [
      ['score from', 'score to', 'steps', 'mean score', 'share correct'],
      ...bins.map(({ steps, meanScore, correctShare }, index) => [
        index / bins.length,
        (index + 1) / bins.length,
        steps,
        meanScore,
        correctShare,
      ]),
    ],
  };
}

function histogram({ histogram: { correct, incorrect } }: EvaluationReport): Figure {
  const bins = Math.max(correct.length, incorrect.length);
  const centres = Array.from({ length: bins }, (_, index) => (index + 0.5) / bins);
  const total = (counts: readonly number[]) => counts.reduce((sum, value) => sum + value, 0);
  const right = {
    x: centres,
    y: correct,
    style: { colour: 'var(--chart-3)', dash: [], width: 1 },
    form: 'bars-left' as const,
  };
  const wrong = {
    x: centres,
    y: incorrect,
    // Outlined only: another shape beside another colour.
    style: { colour: 'var(--chart-5)', dash: [1, 0], width: 1.5 },
    form: 'bars-right' as const,
  };
  const half = (counts: readonly number[]) => total(counts.slice(Math.floor(counts.length / 2)));
  const words = (name: string, counts: readonly number[]) =>
    `${counted(total(counts), 'step')} labelled ${name}, ${count(half(counts))} of them with a score of 0.5 or more.`;
  return {
    key: 'scores',
    title: 'Scores by label',
    group: 'scores',
    summary: `Scores by label: ${words('correct', correct)} ${words('incorrect', incorrect)}`,
    ...(total(correct) + total(incorrect) === 0 ? { nothing: 'No labelled step was scored.' } : {}),
    plot: {
      lines: [right, wrong],
      x: { ticks: score, label: 'Score', range: UNIT },
      y: { ticks: countTick },
    },
    named: [
      { name: 'labelled correct', plot: right, value: count },
      { name: 'labelled incorrect', plot: wrong, value: count },
    ],
    place: (x) => {
      const bin = Math.min(bins - 1, Math.max(0, Math.floor(x * bins)));
      return `score ${score(bin / bins)} to ${score((bin + 1) / bins)}`;
    },
    csv: () => [
      ['score from', 'score to', 'correct', 'incorrect'],
      ...centres.map((_, index) => [
        index / bins,
        (index + 1) / bins,
        correct[index] ?? 0,
        incorrect[index] ?? 0,
      ]),
    ],
  };
}

function positions({ positions: places }: EvaluationReport): Figure {
  const x = places.map(({ position }) => position);
  const last = x.at(-1);
  const accuracy = {
    x,
    y: places.map((place) => place.accuracy),
    style: lineStyle('validation', 0, 2),
    points: true,
  };
  const baseline = {
    x,
    y: places.map(({ steps, incorrect }) =>
      steps === 0 ? null : Math.max(incorrect, steps - incorrect) / steps,
    ),
    style: BASELINE_STYLE,
  };
  const counts = {
    x,
    y: places.map(({ steps }) => steps),
    style: COUNT_STYLE,
    form: 'bars' as const,
    right: true,
  };
  const position = (value: number) => {
    const whole = Math.round(value);
    return whole === last && places.length > 1 ? `step ${whole} and later` : `step ${whole}`;
  };
  return {
    key: 'positions',
    title: 'Accuracy by place in the path',
    group: 'positions',
    summary: `Accuracy by the step’s place in its path. ${places
      .map(
        (place) =>
          `${position(place.position)}: ${percent(place.accuracy)} of ${counted(place.steps, 'step')}.`,
      )
      .join(' ')}`,
    ...(places.length === 0 ? { nothing: 'No labelled step was scored.' } : {}),
    plot: {
      lines: [counts, baseline, accuracy],
      x: {
        ticks: (value) => (Number.isInteger(value) ? `${value}${value === last ? '+' : ''}` : ''),
        label: 'Place of the step',
        steps: [1, 2, 5, 10, 20, 50],
      },
      y: { ticks: shareTick, range: UNIT },
      right: { ticks: countTick },
    },
    named: [
      { name: 'accuracy', plot: accuracy, value: percent },
      { name: 'majority baseline', plot: baseline, value: percent },
      { name: 'steps (right axis)', plot: counts, value: count },
    ],
    place: position,
    csv: () => [
      ['position', 'steps', 'incorrect', 'accuracy'],
      ...places.map((place) => [place.position, place.steps, place.incorrect, place.accuracy]),
    ],
  };
}
