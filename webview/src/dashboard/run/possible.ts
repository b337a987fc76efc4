// What can be done with a run in its state; what cannot work is not offered.
import type { RunSummary } from '../../../../protocol/src/dashboard.ts';

export interface PossibleActions {
  stop: boolean;
  resume: boolean;
  evaluate: boolean;
  models: RunSummary['models'];
}

export function possibleActions({ state, checkpoints, models }: RunSummary): PossibleActions {
  return {
    stop: state === 'running' || state === 'stalled',
    resume: (state === 'stopped' || state === 'failed') && checkpoints.length > 0,
    evaluate: models.length > 0,
    models,
  };
}
