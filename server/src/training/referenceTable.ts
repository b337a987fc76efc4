// What training usual models takes on this machine, computed: the table that `prm train --dry_run` prints.
import type { TrainingMethod } from '../models/backbones/method.ts';
import { parameterCount } from '../models/backbones/parameters.ts';
import type { ChosenDevice } from '../models/devices/device.ts';
import { PrmError } from '../support/errors.ts';
import { planMemory, type MemoryPlan } from './memoryPlan.ts';
import { REFERENCE_MODELS } from './referenceModels.ts';
import { planTime } from './timePlan.ts';

export interface ReferenceOptions {
  /** For models that have a backbone to adapt; `mini` is always trained whole. */
  method: TrainingMethod;
  device: ChosenDevice;
  /** Bytes that a run may use. */
  maxMemory: number;
  /** Paths of one update, and tokens of a path. */
  batch: number;
  length: number;
  /** `matrixProductRate` of the device. */
  rate: number;
}

export interface ReferenceRow {
  model: string;
  parameters: number;
  method: TrainingMethod['kind'];
  /** Bytes that one path with recomputation takes: the least. */
  leastMemory: number;
  /** What fits; undefined where nothing does. */
  plan: MemoryPlan | undefined;
  /** Seconds for 1,000 paths; undefined where nothing fits. */
  secondsPerThousand: number | undefined;
}

/** One row for each model, smallest first. */
export function referenceTable(options: ReferenceOptions): ReferenceRow[] {
  const { batch, length, device, maxMemory, rate } = options;
  return REFERENCE_MODELS.map(({ model, config, storedType }) => {
    const method: TrainingMethod = storedType === 'held' ? { kind: 'full' } : options.method;
    const setup = { config, method, storedType, device, lengths: [length] };
    const least = planMemory({ ...setup, batch: 1, recompute: method.kind !== 'head', maxMemory: Infinity });
    const plan = fitting(() => planMemory({ ...setup, batch, maxMemory }));
    const time =
      plan &&
      planTime({
        ...{ config, method, recompute: plan.recompute, accumulation: plan.accumulation, rate },
        shape: { batch: plan.batch, length },
        steps: 1000 / batch,
      });
    return {
      model,
      parameters: parameterCount(config),
      method: method.kind,
      leastMemory: least.estimate.total,
      plan,
      secondsPerThousand: time?.run,
    };
  });
}

function fitting(plan: () => MemoryPlan): MemoryPlan | undefined {
  try {
    return plan();
  } catch (error) {
    if (error instanceof PrmError) return undefined;
    throw error;
  }
}
