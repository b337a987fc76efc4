// A run at a glance: what its events say, together with what lies in its folder.
import path from 'node:path';
import type { RunCheckpoint, RunState, RunSummary, SettingValue } from '../../../protocol/src/dashboard.ts';
import type { EndEvent } from '../../../protocol/src/runs.ts';
import type { RunHistory } from './runHistory.ts';

/** A living run that has written nothing for this long counts as stalled, milliseconds. */
const STALLED_AFTER = 120_000;

/** What the events themselves cannot say. */
export interface RunSurroundings {
  /** Whether the run's process is there. */
  alive: boolean;
  /** Milliseconds since the newest event, by a clock that nobody sets. */
  silentFor: number;
  /** A new process goes on with the run and has yet to say so: the end that an earlier one wrote is not its own. */
  goesOn: boolean;
  contents: RunContents;
}

/** What lies in the run folder beside its events. */
export interface RunContents {
  settings: Record<string, SettingValue>;
  /** Steps of the checkpoints that are there, ascending. */
  checkpoints: number[];
  models: RunSummary['models'];
}

/**
 * The state of a run. A resumed run has several `start` events; what was said before the newest one still counts for
 * the best evaluation, its `end` does not.
 * @param history of all events so far, oldest first
 */
export function summariseRun(folder: string, history: RunHistory, around: RunSurroundings): RunSummary {
  const { firstStart, start, step, evaluation, best, last, position } = history;
  const { settings, checkpoints, models } = around.contents;
  const end = around.goesOn ? undefined : history.end;
  const state = stateOf(history, end, around);
  return {
    folder,
    name: path.basename(folder),
    state,
    step: position,
    totalSteps: start?.totalSteps ?? step?.totalSteps ?? 0,
    epoch: step?.epoch ?? 0,
    device: start?.device ?? 'not started',
    loss: step?.loss ?? null,
    accuracy: step?.accuracy ?? null,
    stepsPerSecond: step?.stepsPerSecond ?? null,
    tokensPerSecond: step?.tokensPerSecond ?? null,
    secondsLeft: step?.secondsLeft ?? null,
    newest: evaluation?.metrics ?? null,
    newestStep: evaluation?.step ?? null,
    best: best?.metrics ?? null,
    bestStep: best?.step ?? null,
    message: end === undefined ? adviceFor(state, around) : (end.message ?? null),
    memoryBytes: step?.memoryBytes ?? null,
    parameters: start?.parameters ?? null,
    stage: step?.stage ?? null,
    startedAt: firstStart?.time ?? null,
    updatedAt: last?.time ?? null,
    settings,
    checkpoints: checkpoints.map((at): RunCheckpoint => ({
      name: `checkpoint-${at}`,
      step: at,
      best: at === best?.step,
    })),
    models,
    events: history.events,
    unreadableLines: history.unreadableLines,
  };
}

function stateOf({ last }: RunHistory, end: EndEvent | undefined, around: RunSurroundings): RunState {
  if (end !== undefined) return end.state;
  if (!around.alive) return 'failed';
  return last !== undefined && around.silentFor > STALLED_AFTER ? 'stalled' : 'running';
}

/** What to say of a run that did not say how it ended. */
function adviceFor(state: RunState, { contents: { checkpoints } }: RunSurroundings): string | null {
  if (state !== 'failed') return null;
  const newest = checkpoints.at(-1);
  return (
    'The process is gone without a word: it was killed, ran out of memory, or the machine went down. ' +
    (newest === undefined
      ? 'It left no checkpoint; start it anew.'
      : `Resume goes on from checkpoint-${newest}.`)
  );
}
