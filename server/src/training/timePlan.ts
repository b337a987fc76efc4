// How long training takes, from the operations of a step and how fast this machine multiplies matrices.
import { performance } from 'node:perf_hooks';
import { Graph } from '../graph/graph.ts';
import * as onnx from '../graph/nodes.ts';
import { elementCount } from '../graph/shape.ts';
import type { DecoderConfig } from '../models/backbones/config.ts';
import type { BatchShape } from '../models/backbones/decoder.ts';
import { HEAD, trainedSpecs, type TrainingMethod } from '../models/backbones/method.ts';
import { EMBEDDING, parameterSpecs } from '../models/backbones/parameters.ts';
import { graphTarget, type ChosenDevice } from '../models/devices/device.ts';
import { createSession } from '../models/runtime.ts';

/** One run of a training graph. */
export interface TrainedShape {
  config: DecoderConfig;
  method: TrainingMethod;
  shape: BatchShape;
  recompute: boolean;
}

export interface TimePlanOptions extends TrainedShape {
  /** Runs of an update. */
  accumulation: number;
  /** Updates of the whole run. */
  steps: number;
  /** Floating-point operations a second that a large matrix product reaches: `matrixProductRate`. */
  rate: number;
}

export interface TimePlan {
  /** Seconds of one update. */
  step: number;
  /** Seconds of all updates; evaluations and checkpoints are not counted. */
  run: number;
}

/** Part of a matrix product's rate that training is taken to reach: a careful guess, `mini` reached 0.8 (docs/results.md). */
const EFFICIENCY = 0.75;
/** Seconds that AdamW and clipping are taken to need for one trained number: those of `mini` (docs/results.md). */
const UPDATE_SECONDS = 1e-8;
/** Sides of the product that is timed. */
const PRODUCT_SIZE = 1024;
const PRODUCT_ROUNDS = 5;

/**
 * Floating-point operations of one run. A product of m × k and k × n is 2 m k n; so with P weights outside the embedding
 * and N tokens the forward pass is 2 P N, the gradients of activations another 2 P N, and those of weights 2 N for each
 * weight that is trained: 6 P N in all for `full`, 4 P N and the adapters' own for `lora`, 2 P N for `head`. Computing
 * activations again is another forward pass. Attention has two products of length² × heads × head_dim a layer and path;
 * the masked half is computed, so it counts.
 */
export function stepOperations({ config, method, shape, recompute }: TrainedShape): number {
  const rows = shape.batch * shape.length;
  const count = (specs: readonly { name: string; dims: readonly number[] }[]) =>
    specs.reduce((sum, { name, dims }) => sum + (name === EMBEDDING ? 0 : elementCount(dims)), 0);
  const own = new Set(parameterSpecs(config).map(({ name }) => name));
  const trained = trainedSpecs(config, method);
  const adapters = count(trained.filter(({ name }) => !own.has(name)));
  const weights = count(parameterSpecs(config)) + adapters;
  const attention =
    4 *
    config.num_hidden_layers *
    shape.batch *
    shape.length ** 2 *
    config.num_attention_heads *
    config.head_dim;
  const forward = 2 * weights * rows + attention;
  if (method.kind === 'head') return forward + 2 * count(trained.filter(({ name }) => name === HEAD)) * rows;
  const backward = 2 * weights * rows + 2 * attention + 2 * count(trained) * rows;
  return (recompute ? 2 : 1) * forward + backward;
}

/** Seconds of an update and of the run. */
export function planTime(options: TimePlanOptions): TimePlan {
  const { config, method, accumulation, steps, rate } = options;
  const trained = trainedSpecs(config, method).reduce((sum, { dims }) => sum + elementCount(dims), 0);
  const step = (accumulation * stepOperations(options)) / (EFFICIENCY * rate) + trained * UPDATE_SECONDS;
  return { step, run: steps * step };
}

/**
 * Floating-point operations a second that a device reaches in a large product of matrices; takes a fraction of a second.
 * @param threads of the CPU; left out: one for each core
 * @throws PrmError where the device cannot be used
 */
export async function matrixProductRate(device: ChosenDevice, threads?: number): Promise<number> {
  const graph = new Graph({ target: graphTarget(device) });
  const shape = [PRODUCT_SIZE, PRODUCT_SIZE];
  graph.output('product', onnx.gemm(graph.input('left', shape), graph.input('right', shape)));
  const { session } = await createSession(graph.toModel(), {
    device,
    ...(threads !== undefined && { threads }),
  });
  try {
    const half = new Float32Array(elementCount(shape)).fill(0.5);
    const product = new Float32Array(elementCount(shape));
    let best = Infinity;
    for (let round = 0; round < PRODUCT_ROUNDS; round++) {
      const start = performance.now();
      await session.run({ left: half, right: half }, { product });
      best = Math.min(best, performance.now() - start);
    }
    return (2 * PRODUCT_SIZE ** 3) / (best / 1000);
  } finally {
    await session.release();
  }
}
