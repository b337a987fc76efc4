// What an evaluation found beyond its metrics: calibration, scores by label, accuracy by position, the worst steps.
import type { EvaluationReport, WorstStep } from '../../../protocol/src/runs.ts';
import type { ReasoningPath } from '../models/families/family.ts';
import { crossEntropy, type ScoredStep } from './metrics.ts';

/** A scored step at its place in its path. */
export interface PlacedStep extends ScoredStep {
  /** 0-based place in the path. */
  step: number;
  /** The whole path, for people; left out where nobody keeps it: the step is then never listed as one of the worst. */
  text?: ReasoningPath | undefined;
}

const CALIBRATION_BINS = 10;
const HISTOGRAM_BINS = 20;
/** Places of their own; the last one also holds all later steps. */
const POSITIONS = 16;
const WORST = 20;

/** @param step the optimiser step whose weights gave the scores */
export function evaluationReport(step: number, scored: readonly PlacedStep[]): EvaluationReport {
  return {
    step,
    calibration: calibration(scored),
    histogram: {
      correct: histogram(scored.filter(({ correct }) => correct)),
      incorrect: histogram(scored.filter(({ correct }) => !correct)),
    },
    positions: positions(scored),
    worst: worst(scored),
  };
}

/** Probability that a step is correct, from its log odds. */
function probability(logOdds: number): number {
  return 1 / (1 + Math.exp(-logOdds));
}

/** The bin of a score among equal ones; 1 itself is in the last. */
function binOf(score: number, bins: number): number {
  return Math.min(bins - 1, Math.floor(score * bins));
}

function calibration(scored: readonly ScoredStep[]): EvaluationReport['calibration'] {
  const bins = Array.from({ length: CALIBRATION_BINS }, () => ({ steps: 0, scores: 0, correct: 0 }));
  for (const { logOdds, correct } of scored) {
    const score = probability(logOdds);
    const bin = bins[binOf(score, CALIBRATION_BINS)];
    if (bin === undefined) continue;
    bin.steps++;
    bin.scores += score;
    if (correct) bin.correct++;
  }
  return bins.map(({ steps, scores, correct }) => ({
    steps,
    meanScore: steps === 0 ? null : scores / steps,
    correctShare: steps === 0 ? null : correct / steps,
  }));
}

function histogram(scored: readonly ScoredStep[]): number[] {
  const counts = new Array<number>(HISTOGRAM_BINS).fill(0);
  for (const { logOdds } of scored) {
    const bin = binOf(probability(logOdds), HISTOGRAM_BINS);
    counts[bin] = (counts[bin] ?? 0) + 1;
  }
  return counts;
}

function positions(scored: readonly PlacedStep[]): EvaluationReport['positions'] {
  const places = Array.from({ length: POSITIONS }, () => ({ steps: 0, incorrect: 0, right: 0 }));
  for (const { step, correct, logOdds } of scored) {
    const place = places[Math.min(step, POSITIONS - 1)];
    if (place === undefined) continue;
    place.steps++;
    if (!correct) place.incorrect++;
    if (logOdds >= 0 === correct) place.right++;
  }
  return places.flatMap(({ steps, incorrect, right }, index) =>
    steps === 0 ? [] : [{ position: index + 1, steps, incorrect, accuracy: right / steps }],
  );
}

function worst(scored: readonly PlacedStep[]): WorstStep[] {
  return scored
    .map((item) => ({ ...item, loss: crossEntropy(item) }))
    .sort((a, b) => b.loss - a.loss)
    .flatMap(({ text, step, correct, logOdds, loss }): WorstStep[] => {
      if (text === undefined) return [];
      return [
        {
          problem: text.problem,
          steps: text.steps.slice(0, step + 1),
          label: correct ? 'correct' : 'incorrect',
          score: probability(logOdds),
          loss,
        },
      ];
    })
    .slice(0, WORST);
}
