// A run's state, read off its events and its folder.
import { describe, expect, it } from 'vitest';
import type { RunSummary } from '../../../protocol/src/dashboard.ts';
import type { RunEvent } from '../../../protocol/src/runs.ts';
import { RunHistory } from '../../../server/src/training/runHistory.ts';
import { summariseRun, type RunSurroundings } from '../../../server/src/training/runSummary.ts';
import { checkpoint, end, evaluation, start, step } from '../../support/runEvents.ts';

const living: RunSurroundings = {
  alive: true,
  silentFor: 1000,
  goesOn: false,
  contents: { settings: {}, checkpoints: [], models: [] },
};

function summaryOf(events: readonly RunEvent[], around: Partial<RunSurroundings> = {}): RunSummary {
  const history = new RunHistory();
  for (const event of events) history.add(event);
  return summariseRun('/w/.prm/runs/a', history, { ...living, ...around });
}

describe('summariseRun', () => {
  it('shows a living run with its newest figures', () => {
    const run = summaryOf([start(0), step(1), step(2, { loss: 0.25 })]);
    expect(run).toMatchObject({
      name: 'a',
      state: 'running',
      step: 2,
      totalSteps: 10,
      loss: 0.25,
      parameters: 7,
      memoryBytes: 1,
      best: null,
      startedAt: start(0).time,
      updatedAt: step(2).time,
    });
  });

  it('keeps the evaluation that best_model holds, not the newest', () => {
    const run = summaryOf([start(0), evaluation(1, 0.9, true), evaluation(2, 0.8)]);
    expect(run.best?.accuracy).toBe(0.9);
    expect(run).toMatchObject({ bestStep: 1, newestStep: 2 });
    expect(run.newest?.accuracy).toBe(0.8);
  });

  it('believes the end event, whatever the process does', () => {
    const run = summaryOf([start(0), step(3), end('failed', 3, 'The disk is full.')]);
    expect(run).toMatchObject({ state: 'failed', step: 3, message: 'The disk is full.' });
  });

  it('calls a run stalled that lives and is silent for minutes', () => {
    expect(summaryOf([start(0), step(1)], { silentFor: 600_000 }).state).toBe('stalled');
  });

  it('calls a run failed whose process is gone without a word, and says what can be done', () => {
    const events = [start(0), step(4), checkpoint(4), step(5)];
    const left = (checkpoints: number[]): RunSummary =>
      summaryOf(events, { alive: false, contents: { ...living.contents, checkpoints } });
    expect(left([2, 4])).toMatchObject({ state: 'failed', step: 5 });
    expect(left([2, 4]).message).toMatch(/killed.* Resume goes on from checkpoint-4\.$/);
    expect(left([]).message).toMatch(/no checkpoint; start it anew/);
  });

  it('shows a resumed run as running again, from its checkpoint on', () => {
    const before = [start(0), step(1), step(2), end('stopped', 2)];
    expect(summaryOf([...before, start(3, 1)])).toMatchObject({ state: 'running', step: 1, message: null });
    expect(summaryOf([...before, start(3, 1), step(2)])).toMatchObject({ step: 2 });
  });

  it('does not take the end of an earlier process for that of the one that goes on', () => {
    const events = [start(0), step(1), end('stopped', 1)];
    expect(summaryOf(events, { goesOn: true }).state).toBe('running');
  });

  it('marks the checkpoint of the best evaluation among those that are there', () => {
    const contents = { ...living.contents, checkpoints: [4, 8], models: ['best_model' as const] };
    const run = summaryOf([start(0), evaluation(4, 0.9, true), evaluation(8, 0.8)], { contents });
    expect(run.models).toEqual(['best_model']);
    expect(run.checkpoints).toEqual([
      { name: 'checkpoint-4', step: 4, best: true },
      { name: 'checkpoint-8', step: 8, best: false },
    ]);
  });

  it('has words for a folder without events', () => {
    expect(summaryOf([])).toMatchObject({ state: 'running', step: 0, device: 'not started' });
  });
});
