// Step metrics against naive definitions, and the cases in which a rate is undefined.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { logOddsOf, stepMetrics, type ScoredStep } from '../../../server/src/evaluation/metrics.ts';

/** Few distinct log odds, so that ties are common. */
const scoredSteps = fc.array(
  fc.record({
    correct: fc.boolean(),
    logOdds: fc.oneof(fc.integer({ min: -3, max: 3 }), fc.double({ min: -30, max: 30, noNaN: true })),
  }),
  { minLength: 1, maxLength: 60 },
);

const probability = ({ logOdds }: ScoredStep): number => 1 / (1 + Math.exp(-logOdds));
const share = <T>(list: readonly T[], holds: (item: T) => boolean): number =>
  list.filter(holds).length / list.length;

describe('stepMetrics', () => {
  it('equals the naive definitions', () => {
    fc.assert(
      fc.property(scoredSteps, (scored) => {
        const metrics = stepMetrics(scored);
        const saysCorrect = (step: ScoredStep): boolean => step.logOdds >= 0;
        const correct = scored.filter((step) => step.correct);
        const incorrect = scored.filter((step) => !step.correct);
        expect(metrics).toMatchObject({ steps: scored.length, incorrect: incorrect.length });
        expect(metrics?.accuracy).toBeCloseTo(
          share(scored, (step) => saysCorrect(step) === step.correct),
          12,
        );
        expect(metrics?.majorityAccuracy).toBe(Math.max(correct.length, incorrect.length) / scored.length);

        const losses = scored.map(
          (step) =>
            -Math.log(step.correct ? probability(step) : probability({ ...step, logOdds: -step.logOdds })),
        );
        expect(metrics?.loss).toBeCloseTo(losses.reduce((sum, loss) => sum + loss, 0) / scored.length, 9);

        if (correct.length > 0 && incorrect.length > 0) {
          const recalls = share(correct, saysCorrect) + share(incorrect, (step) => !saysCorrect(step));
          expect(metrics?.balancedAccuracy).toBeCloseTo(recalls / 2, 12);
          let wins = 0;
          for (const good of correct)
            for (const bad of incorrect)
              wins += good.logOdds > bad.logOdds ? 1 : good.logOdds === bad.logOdds ? 0.5 : 0;
          expect(metrics?.auroc).toBeCloseTo(wins / (correct.length * incorrect.length), 12);
        } else {
          expect(metrics).toMatchObject({ balancedAccuracy: null, auroc: null });
        }

        if (incorrect.length === 0) expect(metrics?.f1Incorrect).toBeNull();
        else {
          const hits = incorrect.filter((step) => !saysCorrect(step)).length;
          const flagged = scored.filter((step) => !saysCorrect(step)).length;
          const precision = flagged === 0 ? 0 : hits / flagged;
          const recall = hits / incorrect.length;
          const f1 = precision + recall === 0 ? 0 : (2 * precision * recall) / (precision + recall);
          expect(metrics?.f1Incorrect).toBeCloseTo(f1, 12);
        }
      }),
    );
  });

  it('does not change with the order of the steps', () => {
    fc.assert(
      fc.property(scoredSteps, (scored) => {
        const { loss, ...rates } = stepMetrics(scored) ?? { loss: NaN };
        const { loss: reversedLoss, ...reversedRates } = stepMetrics(scored.toReversed()) ?? { loss: NaN };
        expect(reversedRates).toEqual(rates);
        expect(reversedLoss).toBeCloseTo(loss, 9);
      }),
    );
  });

  it('is undefined without labelled steps', () => {
    expect(stepMetrics([])).toBeUndefined();
  });

  it('keeps the loss finite for scores that saturate in float64', () => {
    const metrics = stepMetrics([
      { correct: true, logOdds: 800 },
      { correct: false, logOdds: 800 },
    ]);
    expect(metrics?.loss).toBe(400);
  });

  it('counts a score at the threshold as correct, one below it as incorrect', () => {
    const at = (score: number): number | undefined =>
      stepMetrics([{ correct: true, logOdds: logOddsOf(score) }], 0.3)?.accuracy;
    expect(at(0.3)).toBe(1);
    expect(at(0.2999)).toBe(0);
  });
});
