// What a run's events come to: lines against steps, examples and seconds of training, over stops and resumes.
import { describe, expect, it } from 'vitest';
import type { RunEvent } from '../../../protocol/src/runs.ts';
import { RunHistory } from '../../../server/src/training/runHistory.ts';
import { at, checkpoint, end, evaluation, start, step } from '../../support/runEvents.ts';

function historyOf(...events: RunEvent[]): RunHistory {
  const history = new RunHistory();
  for (const event of events) history.add(event);
  return history;
}

describe('the lines of a run', () => {
  it('have every figure of a step, and of an evaluation', () => {
    const { train, validation, steps } = historyOf(
      start(0),
      step(1, { loss: 0.7, learningRate: 0.0001, gradientNorm: 3, memoryBytes: 1024, examples: 16 }),
      evaluation(1, 0.9, true),
    ).chart(100);
    expect(steps).toBe(1);
    expect(train).toMatchObject({ step: [1], examples: [16], seconds: [1] });
    const values = Object.fromEntries(Object.entries(train.values).map(([name, { max }]) => [name, max[0]]));
    expect(values).toEqual({
      loss: 0.7,
      accuracy: 0.5,
      learningRate: 0.0001,
      gradientNorm: 3,
      tokensPerSecond: 1000,
      memoryBytes: 1024,
    });
    expect(validation).toEqual({
      step: [1],
      examples: [16],
      seconds: [1],
      values: {
        loss: [0.5],
        accuracy: [0.9],
        balancedAccuracy: [0.75],
        f1Incorrect: [0.6],
        auroc: [0.9],
        majorityAccuracy: [0.5],
      },
    });
  });

  it('show a step that was done again as the newest attempt had it', () => {
    const chart = historyOf(
      start(0),
      step(1, { loss: 4 }),
      step(2, { loss: 3 }),
      evaluation(2, 0.5),
      step(3, { loss: 9 }),
      start(10, 1),
      step(2, { loss: 2, time: at(11) }),
      evaluation(2, 0.6),
    ).chart(100);
    expect(chart.train.step).toEqual([1, 2]);
    expect(chart.train.values.loss.mean).toEqual([4, 2]);
    expect(chart.validation.values.accuracy).toEqual([0.6]);
  });

  it('do not count the time between stop and resume', () => {
    const { train } = historyOf(
      start(0),
      step(1),
      step(2),
      checkpoint(2),
      step(3),
      end('stopped', 3),
      // A day later, from step 2 on.
      start(86_400, 2),
      step(3, { time: at(86_402) }),
      step(4, { time: at(86_403) }),
    ).chart(100);
    expect(train.seconds).toEqual([1, 2, 4, 5]);
  });

  it.each([
    ['forward', 86_400],
    ['back', -86_400],
  ])('count one step where the clock of the machine jumps %s', (_, jump) => {
    const { train } = historyOf(
      start(0),
      step(1),
      step(2, { time: at(2 + jump), stepsPerSecond: 0.5 }),
      step(3, { time: at(3 + jump) }),
    ).chart(100);
    expect(train.seconds).toEqual([1, 3, 4]);
  });

  it('have no more points of validation than of training', () => {
    const history = historyOf(start(0));
    for (let each = 1; each <= 500; each++) {
      history.add(step(each));
      history.add(evaluation(each, 0.5));
    }
    const { validation } = history.chart(50);
    expect(validation.step).toHaveLength(50);
    expect(validation.values.accuracy).toHaveLength(50);
    expect(validation.step.at(-1)).toBe(500);
  });

  it('tell the stages that a staged run has come to, whatever is asked for', () => {
    const stages = [
      { name: 'head', steps: 2 },
      { name: 'lora', steps: 3 },
    ];
    const history = historyOf({ ...start(0), stages }, step(1), step(2));
    expect(history.chart(100).stages).toEqual([{ name: 'head', from: 1 }]);
    history.add(step(3));
    const both = [
      { name: 'head', from: 1 },
      { name: 'lora', from: 3 },
    ];
    expect(history.chart(100, { from: 3, to: 3 }).stages).toEqual(both);
    history.add({ ...start(9, 1), stages });
    expect(history.chart(100).stages, 'resumed from within the first stage').toEqual([both[0]]);
    expect(historyOf(start(0), step(1)).chart(100)).not.toHaveProperty('stages');
  });

  it('may be asked for a range of steps', () => {
    const steps = Array.from({ length: 100 }, (_, index) => step(index + 1));
    const chart = historyOf(start(0), ...steps, evaluation(50, 0.7), evaluation(100, 0.8)).chart(5, {
      from: 41,
      to: 60,
    });
    expect(chart.steps).toBe(20);
    expect(chart.train.step).toEqual([44, 48, 52, 56, 60]);
    expect(chart.validation.step).toEqual([50]);
  });
});

describe('the reports of a run', () => {
  const report = (number: number) => ({ report: `evaluations/${number}.json` });

  it('come newest first, or that of one step', () => {
    const history = historyOf(evaluation(5, 0.7, true, report(5)), evaluation(10, 0.8, true, report(10)));
    expect(history.reports()).toEqual(['evaluations/10.json', 'evaluations/5.json']);
    expect(history.reports(5)).toEqual(['evaluations/5.json']);
    expect(history.reports(7)).toEqual([]);
  });

  it('are none in runs of earlier versions', () => {
    expect(historyOf(evaluation(5, 0.7)).reports()).toEqual([]);
  });
});

it('counts lines that are no event, and reads on', () => {
  const history = new RunHistory();
  expect(history.addLine('{"type":"step","st')).toBe(false);
  expect(history.addLine('{"type":"later"}')).toBe(false);
  expect(history.addLine(JSON.stringify({ ...step(1), loss: null }))).toBe(false);
  expect(history.addLine(JSON.stringify(step(2)))).toBe(true);
  expect(history).toMatchObject({ unreadableLines: 3, events: 1, position: 2 });
});
