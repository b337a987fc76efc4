// How much memory training takes, computed before anything is loaded; and the batch that fits.
import { bytesOf } from '../graph/peakMemory.ts';
import { elementCount } from '../graph/shape.ts';
import type { DecoderConfig } from '../models/backbones/config.ts';
import type { BatchShape } from '../models/backbones/decoder.ts';
import { trainingMemory } from '../models/backbones/graphs.ts';
import { trainedSpecs, type TrainingMethod } from '../models/backbones/method.ts';
import { EMBEDDING, parameterSpecs } from '../models/backbones/parameters.ts';
import type { StoredWeight, Weights } from '../models/backbones/weight.ts';
import type { ChosenDevice } from '../models/devices/device.ts';
import { graphTarget } from '../models/devices/device.ts';
import { PrmError } from '../support/errors.ts';
import { paddedLength } from './batches.ts';
import { availableMemory } from './memoryNeed.ts';

/** What is trained, and how. */
export interface TrainingSetup {
  config: DecoderConfig;
  method: TrainingMethod;
  /** How the frozen weights lie in their files; `held` where they are float32 in memory. */
  storedType: StoredWeight['type'] | 'held';
  device: ChosenDevice;
}

/** Bytes. */
export interface MemoryEstimate {
  /** Node, ONNX Runtime, the program, tokenizer and a usual amount of data. */
  process: number;
  /** Frozen weights: mapped from their files on the CPU, widened on a graphics processor. */
  weights: number;
  /** Trained tensors, their gradients and AdamW's two moments. */
  trained: number;
  /** What a training step computes on the way, at its largest moment. */
  activations: number;
  total: number;
}

/** What a run may fill, and what it fills at its largest moment. */
export interface MemoryBudget {
  /** Bytes. */
  limit: number;
  estimate: MemoryEstimate;
}

export interface EstimateOptions extends TrainingSetup {
  /** Paths and tokens of each that one run of the graph takes, padding included. */
  shape: BatchShape;
  recompute: boolean;
  /** Runs of an update; from 2 on, each trained tensor has a further gradient. Left out: 1. */
  accumulation?: number;
}

export interface PlanOptions extends TrainingSetup {
  /** Paths that one run should take. */
  batch: number;
  /** Such runs of an update; left out: 1. */
  accumulation?: number;
  /** Tokens of the paths; the longest counts. */
  lengths: readonly number[];
  /** Bytes; left out: `usableMemory`. */
  maxMemory?: number;
  /** Left out: only where it must be. */
  recompute?: boolean;
}

export interface MemoryPlan {
  /** Paths that one run takes, a divisor of the batch asked for. */
  batch: number;
  /** Runs of an update: `batch` times this is as many paths as were asked for. */
  accumulation: number;
  recompute: boolean;
  /** For the longest paths. */
  estimate: MemoryEstimate;
}

/** Set so that the estimates meet what runs were measured at (docs/results.md); by itself it was not measured. */
const PROCESS_BYTES = 280e6;
/** Values, gradient and two moments, in float32. */
const BYTES_PER_TRAINED = 16;
/** The gradient of a further run, before it is added. */
const BYTES_PER_FURTHER = 4;
/** The allocator's losses beyond what the graph needs at once; set with the constant above. */
const ALLOCATOR = 1.05;
const STORED_BYTES = { F32: 4, F16: 2, BF16: 2, held: 4 } as const;
/** Part of the machine's memory that a run may fill; the rest is for everything else. */
const MEMORY_SHARE = 0.8;
/** Rows (paths times tokens) from which a product of matrices gains nothing from more. */
const ENOUGH_ROWS = 512;

/** Computes what a training step takes; the graph is built for it, without any weight. */
export function estimateMemory(options: EstimateOptions): MemoryEstimate {
  const { config, method, shape, storedType, device, recompute, accumulation = 1 } = options;
  const trained = trainedSpecs(config, method);
  const trainedNames = new Set(trained.map(({ name }) => name));
  const frozen = parameterSpecs(config).filter(({ name }) => !trainedNames.has(name));
  const count = (specs: readonly { dims: readonly number[] }[]) =>
    specs.reduce((sum, { dims }) => sum + elementCount(dims), 0);

  const activations = trainingMemory(config, shape, {
    target: graphTarget(device),
    method,
    frozen: weightsOfType(frozen, storedType),
    recompute,
  });
  const rows = shape.batch * shape.length;
  /** The tokens' embeddings and their gradients, where the table is trained. */
  const embeddings = trainedNames.has(EMBEDDING)
    ? 2 * bytesOf({ type: 'float32', shape: [rows, config.hidden_size] })
    : 0;
  const parts = {
    process: PROCESS_BYTES,
    weights: count(frozen) * bytesPerFrozen(storedType, device),
    trained: count(trained) * (BYTES_PER_TRAINED + (accumulation > 1 ? BYTES_PER_FURTHER : 0)),
    activations: activations * ALLOCATOR + embeddings,
  };
  return { ...parts, total: parts.process + parts.weights + parts.trained + parts.activations };
}

/** Held weights are in this process and, as a copy, in the runtime; a graphics processor holds stored ones widened. */
function bytesPerFrozen(storedType: TrainingSetup['storedType'], device: ChosenDevice): number {
  if (storedType === 'held') return 2 * STORED_BYTES.held;
  return device === 'cpu' ? STORED_BYTES[storedType] : 4;
}

/** Weights in name and shape only: enough to build a graph, not to run it. */
function weightsOfType(
  specs: readonly { name: string; dims: readonly number[] }[],
  storedType: TrainingSetup['storedType'],
): Weights {
  const type = storedType === 'held' ? 'F32' : storedType;
  return new Map(
    specs.map(({ name, dims }) => [
      name,
      { dims, type, file: 'model.safetensors', offset: 0, length: elementCount(dims) * STORED_BYTES[type] },
    ]),
  );
}

/** Bytes that a run may fill where nothing is said: a share of what the machine or its container has. */
export function usableMemory(): number {
  return MEMORY_SHARE * availableMemory();
}

/**
 * Chooses how many paths a run takes and whether activations are computed twice: the whole batch if it fits, else parts of
 * it that still fill the processor, else recomputation, else less.
 * @throws PrmError where not even one path fits, with what would help
 */
export function planMemory(options: PlanOptions): MemoryPlan {
  const { batch: asked, lengths, maxMemory = usableMemory() } = options;
  const length = paddedLength(Math.max(...lengths));
  const plan = (batch: number, recompute: boolean): MemoryPlan => {
    const accumulation = (options.accumulation ?? 1) * (asked / batch);
    const shape = { batch, length };
    const estimate = estimateMemory({ ...options, shape, recompute, accumulation });
    return { batch, accumulation, recompute, estimate };
  };
  let smallest: MemoryPlan | undefined;
  for (const [batch, recompute] of candidates(asked, length, options.recompute)) {
    smallest = plan(batch, recompute);
    if (smallest.estimate.total <= maxMemory) return smallest;
  }
  throw doesNotFit(options, length, maxMemory, smallest?.estimate.total ?? 0);
}

/** Batches and recomputation, in the order in which they are wished for. */
function candidates(
  asked: number,
  length: number,
  recompute: boolean | undefined,
): (readonly [batch: number, recompute: boolean])[] {
  const divisors = Array.from({ length: asked }, (_, index) => asked - index).filter(
    (batch) => asked % batch === 0,
  );
  if (recompute !== undefined) return divisors.map((batch) => [batch, recompute] as const);
  const filling = divisors.filter((batch) => batch === asked || batch * length >= ENOUGH_ROWS);
  return [
    ...filling.map((batch) => [batch, false] as const),
    ...divisors.map((batch) => [batch, true] as const),
  ];
}

function doesNotFit(
  { config, method, recompute }: PlanOptions,
  length: number,
  maxMemory: number,
  needed: number,
): PrmError {
  const advice = [
    ...(recompute === false ? ['--recompute on'] : []),
    ...(method.kind === 'full' ? ['--method lora'] : []),
    'shorter paths (--max_length)',
    `a smaller model than one of ${config.num_hidden_layers} layers of ${config.hidden_size}`,
    'or more memory (--max_memory)',
  ];
  return new PrmError({
    what: `One path of ${length} tokens needs ${gigabytes(needed)} to be trained, and ${gigabytes(maxMemory)} may be used`,
    remedy: `Use ${advice.join(', ')}.`,
  });
}

function gigabytes(bytes: number): string {
  return `${(bytes / 1e9).toFixed(1)} GB`;
}
