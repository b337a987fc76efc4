// How a run goes through its data: the shapes of its batches, its stages, and when it evaluates and saves.
import { chooseBuckets, type Bucket } from './batches.ts';
import type { FittedPlan } from './checkpoints.ts';
import type { TrainingPath } from './data.ts';
import { stepsPerEpoch, type LoopSettings } from './loop.ts';
import { stagesOf } from './optionRules.ts';
import type { CompleteTrainOptions } from './options.ts';
import { balancedPaths } from './sampling.ts';
import { planStages, totalStepsOf } from './stages.ts';

export interface RunPlan {
  /** What an epoch shows, repeated paths as often as they come. */
  train: readonly TrainingPath[];
  buckets: readonly Bucket[];
  settings: LoopSettings;
}

/** How often a run is evaluated that does not say so: a part of its steps, within limits. */
const EVALUATION_PART = 1 / 5;
const [MIN_EVAL_STEPS, MAX_EVAL_STEPS] = [10, 250];

/** Depends on its arguments alone: a resumed run has the same plan. */
export function planRun(
  options: CompleteTrainOptions,
  data: { train: readonly TrainingPath[]; validation: readonly TrainingPath[] },
  fitted: FittedPlan,
): RunPlan {
  const train = options.sampling === 'balanced' ? balancedPaths(data.train, options.seed) : data.train;
  const lengths = train.map((item) => item.ids.length);
  const asked = stagesOf(options);
  const buckets = chooseBuckets([...lengths, ...data.validation.map((item) => item.ids.length)], {
    batchSize: options.batch_size,
    maxTokens: fitted.max_tokens ?? undefined,
    epochs: asked.reduce((sum, { epochs }) => sum + epochs, 0),
  });
  const stepPaths = options.batch_size * options.gradient_accumulation_steps;
  const inEpoch = stepsPerEpoch(lengths, buckets, stepPaths);
  const stages = planStages(asked, {
    stepsPerEpoch: inEpoch,
    warmupRatio: options.warmup_ratio,
    shape: options.lr_schedule,
  });
  const part = Math.ceil(totalStepsOf(stages) * EVALUATION_PART);
  const evalSteps = options.eval_steps ?? Math.min(Math.max(part, MIN_EVAL_STEPS), MAX_EVAL_STEPS);
  return {
    train,
    buckets,
    settings: {
      seed: options.seed,
      stages,
      stepsPerEpoch: inEpoch,
      stepPaths,
      weightDecay: options.weight_decay,
      maxGradientNorm: options.max_grad_norm,
      evalSteps,
      saveSteps: options.save_steps ?? evalSteps,
      saveTotalLimit: options.save_total_limit,
      patience: options.early_stopping_patience,
    },
  };
}
