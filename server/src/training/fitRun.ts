// Fits a run into memory before it begins: how much is computed at once, and whether activations are computed twice.
import { isStored } from '../models/backbones/weight.ts';
import { rowsOf } from './batches.ts';
import type { FittedPlan } from './checkpoints.ts';
import { planMemory, type MemoryPlan, type TrainingSetup } from './memoryPlan.ts';
import { stagesOf } from './optionRules.ts';
import type { CompleteTrainOptions } from './options.ts';
import type { TrainableModel } from './trainableModels.ts';

export interface FittedRun {
  plan: FittedPlan;
  /** Of the stage that takes the most; undefined on a graphics processor, whose memory nobody tells. */
  memory: MemoryPlan | undefined;
}

/**
 * @param longest tokens of the longest path
 * @throws PrmError where not even one path fits
 */
export function fitRun(
  options: CompleteTrainOptions,
  run: Omit<TrainingSetup, 'method'> & { longest: number },
): FittedRun {
  const { longest, ...setup } = run;
  const asked = { batchSize: options.batch_size };
  if (options.max_memory === undefined && run.device !== 'cpu') {
    return { plan: { max_tokens: null, recompute: options.recompute === 'on' }, memory: undefined };
  }
  const batch = rowsOf(longest, asked);
  const plans = stagesOf(options).map(({ method }) =>
    planMemory({
      ...setup,
      method,
      batch,
      lengths: [longest],
      ...(options.max_memory === undefined ? {} : { maxMemory: bytesOf(options.max_memory) }),
      // Without a backward pass there is nothing to compute again.
      ...(options.recompute === 'auto' && method.kind !== 'head'
        ? {}
        : { recompute: options.recompute === 'on' }),
    }),
  );
  const largest = plans.reduce((a, b) => (b.estimate.total > a.estimate.total ? b : a));
  const rows = Math.min(...plans.map((plan) => plan.batch));
  return {
    plan: {
      max_tokens: rows < batch ? rows * longest : null,
      recompute: plans.some((plan) => plan.recompute),
    },
    memory: largest,
  };
}

/** How the weights lie that take the most memory. */
export async function storedTypeOf({ base, weights }: TrainableModel): Promise<TrainingSetup['storedType']> {
  if (base === undefined) return 'held';
  let largest: { type: TrainingSetup['storedType']; size: number } = { type: 'held', size: 0 };
  for (const weight of (await weights(0)).values()) {
    if (isStored(weight) && weight.length > largest.size)
      largest = { type: weight.type, size: weight.length };
  }
  return largest.type;
}

/** What was chosen, for people. */
export function fitText({ max_tokens: tokens, recompute }: FittedPlan, { estimate }: MemoryPlan): string {
  const choices = [
    ...(tokens === null ? [] : [`at most ${tokens.toLocaleString('en-US')} tokens are computed at once`]),
    ...(recompute ? ['activations are computed twice instead of kept'] : []),
  ];
  return `To fit into memory, ${choices.join(' and ')} (about ${(estimate.total / 1e9).toFixed(1)} GB).`;
}

const UNITS = { '': 1, k: 1e3, m: 1e6, g: 1e9, t: 1e12 } as const;
const BINARY_UNITS = { '': 1, k: 2 ** 10, m: 2 ** 20, g: 2 ** 30, t: 2 ** 40 } as const;

/** Bytes of a size such as `6GB`, `512MiB` or `800M`. */
export function bytesOf(size: string): number {
  const [, number = '0', unit = '', binary = ''] = /^([\d.]+)\s*([kmgt]?)(i?)b?$/i.exec(size) ?? [];
  const units = binary === '' ? UNITS : BINARY_UNITS;
  return Number(number) * units[unit.toLowerCase() as keyof typeof UNITS];
}
