// Fits a run into memory before it begins: how much is computed at once, and whether activations are computed twice.
import type { BatchShape } from '../models/backbones/decoder.ts';
import { isStored } from '../models/backbones/weight.ts';
import { fullestLength, paddedLength, rowsOf } from './batches.ts';
import type { FittedPlan } from './checkpoints.ts';
import {
  estimateMemory,
  planMemory,
  usableMemory,
  type MemoryBudget,
  type TrainingSetup,
} from './memoryPlan.ts';
import { stagesOf } from './optionRules.ts';
import type { CompleteTrainOptions } from './options.ts';
import type { TrainableModel } from './trainableModels.ts';

/** A run as far as its memory is concerned. */
export type RunShape = Omit<TrainingSetup, 'method'> & {
  /** Tokens of the longest path. */
  longest: number;
};

export interface FittedRun {
  plan: FittedPlan;
  /** What the plan takes; undefined on a graphics processor, whose memory nobody tells. */
  memory: MemoryBudget | undefined;
}

/**
 * Chooses how a new run is computed, so that it fits.
 * @throws PrmError where not even one path fits
 */
export function fitRun(options: CompleteTrainOptions, run: RunShape): FittedRun {
  const limit = limitOf(options, run);
  if (limit === undefined) {
    return { plan: { max_tokens: null, recompute: options.recompute === 'on' }, memory: undefined };
  }
  const plans = fullestShapes(options, run, null).flatMap((shape) =>
    stageSetups(options, run).map((setup) => ({
      shape,
      chosen: planMemory({
        ...setup,
        batch: shape.batch,
        accumulation: runsOf(options, shape),
        lengths: [shape.length],
        maxMemory: limit,
        // Without a backward pass there is nothing to compute again.
        ...(options.recompute === 'auto' && setup.method.kind !== 'head'
          ? {}
          : { recompute: options.recompute === 'on' }),
      }),
    })),
  );
  const limits = plans
    .filter(({ shape, chosen }) => chosen.batch < shape.batch)
    .map(({ shape, chosen }) => chosen.batch * shape.length);
  const plan: FittedPlan = {
    max_tokens: limits.length === 0 ? null : Math.min(...limits),
    recompute: plans.some(({ chosen }) => chosen.recompute),
  };
  return { plan, memory: memoryBudget(options, run, plan) };
}

/** What a run takes that is computed by a plan, at its largest moment; undefined where nobody tells the memory. */
export function memoryBudget(
  options: CompleteTrainOptions,
  run: RunShape,
  plan: FittedPlan,
): MemoryBudget | undefined {
  const limit = limitOf(options, run);
  if (limit === undefined) return undefined;
  const estimates = fullestShapes(options, run, plan.max_tokens).flatMap((shape) =>
    stageSetups(options, run).map((setup) =>
      estimateMemory({ ...setup, shape, recompute: plan.recompute, accumulation: runsOf(options, shape) }),
    ),
  );
  return { limit, estimate: estimates.reduce((a, b) => (b.total > a.total ? b : a)) };
}

function limitOf({ max_memory: asked }: CompleteTrainOptions, { device }: RunShape): number | undefined {
  if (asked !== undefined) return bytesOf(asked);
  return device === 'cpu' ? usableMemory() : undefined;
}

/** The batches that take the most: the longest paths, and those of which the most tokens are computed at once. */
function fullestShapes(
  { batch_size: batchSize }: CompleteTrainOptions,
  { longest }: RunShape,
  maxTokens: number | null,
): BatchShape[] {
  const padded = paddedLength(longest);
  const lengths = new Set([padded, Math.min(padded, fullestLength(batchSize))]);
  return [...lengths].map((length) => ({
    length,
    batch: rowsOf(length, { batchSize, maxTokens: maxTokens ?? undefined }),
  }));
}

/** Runs of an update. */
function runsOf(options: CompleteTrainOptions, { batch }: BatchShape): number {
  return Math.ceil((options.batch_size * options.gradient_accumulation_steps) / batch);
}

/** What a stage holds: all weights, float32 and in memory, once a stage before it has changed them. */
function stageSetups(options: CompleteTrainOptions, run: RunShape): TrainingSetup[] {
  const { config, storedType, device } = run;
  const methods = stagesOf(options).map(({ method }) => method);
  return methods.map((method, stage) => {
    const isChanged = methods.slice(0, stage).some(({ kind }) => kind === 'full');
    return { config, device, method, storedType: isChanged ? 'held' : storedType };
  });
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
export function fitText({ max_tokens: tokens, recompute }: FittedPlan, { estimate }: MemoryBudget): string {
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
