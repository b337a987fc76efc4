// Calibration, histogram, positions and the worst steps, by hand-made scores.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { logOddsOf } from '../../../server/src/evaluation/metrics.ts';
import { evaluationReport, type PlacedStep } from '../../../server/src/evaluation/report.ts';

const step = (score: number, correct: boolean, place = 0): PlacedStep => ({
  logOdds: logOddsOf(score),
  correct,
  step: place,
  text: { problem: `P ${score}`, steps: ['a', 'b', 'c'] },
});

describe('evaluationReport', () => {
  it('puts steps into the bins of their scores', () => {
    const { calibration, histogram } = evaluationReport(7, [
      step(0.12, false),
      step(0.16, true),
      step(0.97, true),
      step(1, true),
    ]);
    expect(calibration).toHaveLength(10);
    expect(calibration[1]).toEqual({
      steps: 2,
      meanScore: expect.closeTo(0.14, 12) as number,
      correctShare: 0.5,
    });
    expect(calibration[9]).toEqual({
      steps: 2,
      meanScore: expect.closeTo(0.985, 12) as number,
      correctShare: 1,
    });
    expect(calibration[0]).toEqual({ steps: 0, meanScore: null, correctShare: null });
    expect(histogram.incorrect).toEqual([0, 0, 1, ...Array<number>(17).fill(0)]);
    expect(histogram.correct).toEqual([0, 0, 0, 1, ...Array<number>(15).fill(0), 2]);
  });

  it('counts what is right at each place, all late steps together', () => {
    const scored = [
      step(0.9, true, 0),
      step(0.9, false, 0),
      step(0.2, false, 1),
      step(0.9, true, 15),
      step(0.1, true, 40),
    ];
    expect(evaluationReport(1, scored).positions).toEqual([
      { position: 1, steps: 2, incorrect: 1, accuracy: 0.5 },
      { position: 2, steps: 1, incorrect: 1, accuracy: 1 },
      { position: 16, steps: 2, incorrect: 0, accuracy: 0.5 },
    ]);
  });

  it('lists the twenty highest losses, each with its path up to the step', () => {
    const scored = Array.from({ length: 50 }, (_, index) => step((index + 1) / 52, true, 1));
    const { worst } = evaluationReport(1, scored);
    expect(worst).toHaveLength(20);
    expect(worst[0]).toEqual({
      problem: `P ${1 / 52}`,
      steps: ['a', 'b'],
      label: 'correct',
      score: expect.closeTo(1 / 52, 12) as number,
      loss: expect.closeTo(Math.log(52), 9) as number,
    });
    expect(worst.map(({ loss }) => loss)).toEqual(worst.map(({ loss }) => loss).toSorted((a, b) => b - a));
  });

  it('is JSON for any finite log odds, and counts every step once', () => {
    const steps = fc.array(
      fc.record({
        logOdds: fc.double({ noNaN: true, min: -3e38, max: 3e38 }),
        correct: fc.boolean(),
        step: fc.nat(60),
        text: fc.constant({ problem: 'P', steps: ['s'] }),
      }),
    );
    fc.assert(
      fc.property(steps, (scored) => {
        const report = evaluationReport(1, scored);
        expect(JSON.parse(JSON.stringify(report))).toEqual(report);
        const sum = (values: number[]) => values.reduce((total, value) => total + value, 0);
        expect(sum(report.calibration.map((bin) => bin.steps))).toBe(scored.length);
        expect(sum([...report.histogram.correct, ...report.histogram.incorrect])).toBe(scored.length);
        expect(sum(report.positions.map((place) => place.steps))).toBe(scored.length);
      }),
    );
  });
});
