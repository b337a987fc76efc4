// A run at a glance, and its lines for a chart, from the events of its folder.
import type { RunChart, RunState, RunSummary } from '../../../protocol/src/dashboard.ts';
import type {
  EndEvent,
  EvaluationEvent,
  RunEvent,
  StartEvent,
  StepEvent,
} from '../../../protocol/src/runs.ts';
import path from 'node:path';

/** A living run that has written nothing for this long counts as stalled, milliseconds. */
const STALLED_AFTER = 120_000;

/** What the events themselves cannot say. */
export interface RunSurroundings {
  /** Milliseconds since 1970. */
  now: number;
  /** Whether the run's process is there. */
  alive: boolean;
}

/**
 * Reads the state of a run off its events, oldest first. A resumed run has several `start` events; what was said
 * before the newest one still counts for the chart and the best evaluation, its `end` does not.
 */
export function summariseRun(
  folder: string,
  events: readonly RunEvent[],
  around: RunSurroundings,
): RunSummary {
  const start = newest(events, 'start') as StartEvent | undefined;
  const step = newest(events, 'step') as StepEvent | undefined;
  const evaluations = events.filter((event): event is EvaluationEvent => event.type === 'evaluation');
  const best = evaluations.findLast((event) => event.best);
  const last = events.at(-1);
  const end = last?.type === 'end' ? last : undefined;
  return {
    folder,
    name: path.basename(folder),
    state: stateOf(end, last, around),
    step: end?.step ?? step?.step ?? start?.fromStep ?? 0,
    totalSteps: step?.totalSteps ?? start?.totalSteps ?? 0,
    epoch: step?.epoch ?? 0,
    device: start?.device ?? 'not started',
    loss: step?.loss ?? null,
    accuracy: step?.accuracy ?? null,
    stepsPerSecond: step?.stepsPerSecond ?? null,
    tokensPerSecond: step?.tokensPerSecond ?? null,
    secondsLeft: step?.secondsLeft ?? null,
    newest: evaluations.at(-1)?.metrics ?? null,
    best: best?.metrics ?? null,
    bestStep: best?.step ?? null,
    message: end?.message ?? null,
  };
}

function stateOf(end: EndEvent | undefined, last: RunEvent | undefined, around: RunSurroundings): RunState {
  if (end !== undefined) return end.state;
  if (!around.alive) return 'stalled';
  const silent = last === undefined ? 0 : around.now - Date.parse(last.time);
  return silent > STALLED_AFTER ? 'stalled' : 'running';
}

function newest(events: readonly RunEvent[], type: RunEvent['type']): RunEvent | undefined {
  return events.findLast((event) => event.type === type);
}

/**
 * The run's lines. Steps that a resumed run did again are shown once, as the newest attempt had them. More than
 * `points` training steps are averaged in equal buckets, each placed at its last step.
 */
export function chartOfRun(events: readonly RunEvent[], points: number): RunChart {
  const steps = new Map<number, StepEvent>();
  const evaluations = new Map<number, EvaluationEvent>();
  for (const event of events) {
    if (event.type === 'step') steps.set(event.step, event);
    else if (event.type === 'evaluation') evaluations.set(event.step, event);
  }
  const train = bucketed(
    [...steps.values()].sort((a, b) => a.step - b.step),
    points,
  );
  const validation = [...evaluations.values()].sort((a, b) => a.step - b.step);
  return {
    train: {
      step: train.map((bucket) => bucket[bucket.length - 1].step),
      loss: train.map((bucket) => mean(bucket.map((event) => event.loss))),
      accuracy: train.map((bucket) => mean(bucket.map((event) => event.accuracy))),
    },
    validation: {
      step: validation.map((event) => event.step),
      loss: validation.map((event) => event.metrics.loss),
      accuracy: validation.map((event) => event.metrics.accuracy),
      balancedAccuracy: validation.map((event) => event.metrics.balancedAccuracy),
      majorityAccuracy: validation.map((event) => event.metrics.majorityAccuracy),
    },
  };
}

function bucketed<T>(list: T[], buckets: number): T[][] {
  if (list.length <= buckets) return list.map((item) => [item]);
  return Array.from({ length: buckets }, (_, index) =>
    list.slice(
      Math.floor((index * list.length) / buckets),
      Math.floor(((index + 1) * list.length) / buckets),
    ),
  );
}

function mean(values: number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
