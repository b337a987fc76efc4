// What a trained model's prm.json says about where it comes from.
import path from 'node:path';
import type { EvaluationMetrics } from '../../../protocol/src/runs.ts';
import type { ModelDescription } from '../models/modelFolder.ts';
import type { Run } from './openRun.ts';
import { datasetsOf, methodNames, stagesOf } from './optionRules.ts';
import type { RunData } from './runData.ts';

/** Score below which a step counts as incorrect. Metrics are taken at the same threshold. */
const THRESHOLD = 0.5;

/** @param at the optimiser step whose weights these are, and their metrics on the validation paths */
export function describeModel(
  run: Run,
  { train, validation }: RunData,
  at: { step: number; metrics: EvaluationMetrics | null },
): ModelDescription {
  const { options, model, folder } = run;
  return {
    name: path.basename(folder.path),
    family: model.family.name,
    stepSeparator: model.stepSeparator,
    threshold: THRESHOLD,
    training: {
      model_name: options.model_name,
      dataset: options.data ?? datasetsOf(options).join(', '),
      step: at.step,
      paths: train.counts.paths,
      correct_steps: train.counts.correct,
      incorrect_steps: train.counts.incorrect,
      validation_paths: validation.counts.paths,
      method: methodNames(options).join(','),
      num_epochs: listed(stagesOf(options).map(({ epochs }) => epochs)),
      batch_size: options.batch_size,
      gradient_accumulation_steps: options.gradient_accumulation_steps,
      learning_rate: listed(stagesOf(options).map(({ learningRate }) => learningRate)),
      weight_decay: options.weight_decay,
      max_length: options.max_length,
      seed: options.seed,
    },
    metrics: at.metrics,
  };
}

/** A number, or one for each stage. */
function listed(values: readonly number[]): string | number {
  return values.length === 1 ? (values[0] ?? 0) : values.join(',');
}
