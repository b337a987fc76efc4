// The words for a training run's progress and end, apart from VS Code so that they can be tested.
import type { RunNews } from '../../protocol/src/requests.ts';
import type { RunSummary } from '../../protocol/src/dashboard.ts';

/** One line under the notification's title: `step 120 of 900, loss 0.213, accuracy 91.2 %, 3.1 steps/s, 4 min left`. */
export function describeProgress(run: RunSummary): string {
  if (run.loss === null) return run.totalSteps === 0 ? 'starting' : `step ${run.step} of ${run.totalSteps}`;
  return [
    `step ${run.step} of ${run.totalSteps}`,
    `loss ${run.loss.toFixed(3)}`,
    ...(run.accuracy === null ? [] : [`accuracy ${percent(run.accuracy)}`]),
    ...(run.stepsPerSecond === null ? [] : [`${run.stepsPerSecond.toFixed(1)} steps/s`]),
    ...(run.secondsLeft === null ? [] : [`${duration(run.secondsLeft)} left`]),
    ...(run.state === 'stalled' ? ['no news for a while'] : []),
  ].join(', ');
}

/** What a person reads when the run has ended. */
export function describeEnd({ run, modelFolder }: RunNews): { text: string; failed: boolean } {
  const best = run.best === null ? '' : ` Best validation accuracy ${percent(run.best.accuracy)}.`;
  switch (run.state) {
    case 'done':
      return { text: `Training run ${run.name} is done.${best}`, failed: false };
    case 'stopped':
      return {
        text: `Training run ${run.name} was stopped at step ${run.step} of ${run.totalSteps}.${best}`,
        failed: false,
      };
    case 'failed':
    case 'running':
    case 'stalled':
      return {
        text:
          `Training run ${run.name} failed at step ${run.step}: ${run.message ?? 'no reason was written'}` +
          (modelFolder === null ? '' : best),
        failed: true,
      };
  }
}

function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}

export function duration(seconds: number): string {
  if (seconds < 60) return `${Math.max(0, Math.round(seconds))} s`;
  const minutes = Math.round(seconds / 60);
  return minutes < 60 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}
