// What benchmarks of training share: a job for trainSteps.ts, its measurements, and the product of matrices beside it.
import { availableParallelism } from 'node:os';
import path from 'node:path';
import { performance } from 'node:perf_hooks';
import { Graph } from '../server/src/graph/graph.ts';
import * as onnx from '../server/src/graph/nodes.ts';
import type { DecoderConfig } from '../server/src/models/backbones/config.ts';
import type { BatchShape } from '../server/src/models/backbones/decoder.ts';
import { LORA_TARGETS, type TrainingMethod } from '../server/src/models/backbones/method.ts';
import { createSession } from '../server/src/models/runtime.ts';
import { seededRandom } from '../server/src/support/random.ts';
import type { TokenBatch } from '../server/src/training/tokenBatch.ts';
import { ROOT } from '../scripts/lib/paths.ts';
import { runOrThrow } from '../scripts/lib/processes.ts';

/** Training steps to take and measure. */
export interface StepJob {
  /** A name of REFERENCE_MODELS. */
  model: string;
  method: TrainingMethod;
  shape: BatchShape;
  recompute: boolean;
  storedType: 'F32' | 'BF16' | 'held';
  /** Measured steps, after a first one. */
  steps: number;
  threads: number;
  /** Time products of matrices between the steps. */
  products: boolean;
}

/** Times in milliseconds. */
export interface StepMeasurement {
  /** The first step, which makes the graph. */
  first: number;
  steps: number[];
  /** The better of two products before each step. */
  products: number[];
  loss: number;
  /** Resident memory of the process at its highest. */
  peakBytes: number;
}

/** Adapters of rank 16 beside every linear layer, without dropout. */
export const LORA: TrainingMethod = { kind: 'lora', rank: 16, alpha: 32, dropout: 0, targets: LORA_TARGETS };

/** Side of the square matrices whose product stands for the runtime's best. */
const PRODUCT_SIZE = 2048;
export const PRODUCT_OPERATIONS = 2 * PRODUCT_SIZE ** 3;

/** A number out of BENCH_NAME. */
export function setting(name: string, usual: number): number {
  return Number(process.env[`BENCH_${name}`] ?? usual);
}

export const THREADS = setting('THREADS', availableParallelism());

export function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? NaN;
}

/** Takes the steps in a process of their own. */
export async function takeSteps(job: StepJob): Promise<StepMeasurement> {
  const file = path.join(ROOT, 'bench/trainSteps.ts');
  const output = await runOrThrow(process.execPath, ['--import', 'tsx', file, JSON.stringify(job)], {
    cwd: ROOT,
  });
  return JSON.parse(output.trim().split('\n').at(-1) ?? '') as StepMeasurement;
}

/** A product of two square matrices in ONNX Runtime, ready to be timed. */
export async function matrixProduct(threads: number): Promise<() => Promise<void>> {
  const graph = new Graph();
  const shape = [PRODUCT_SIZE, PRODUCT_SIZE];
  graph.output('product', onnx.gemm(graph.input('left', shape), graph.input('right', shape)));
  const { session } = await createSession(graph.toModel(), { device: 'cpu', threads });
  const half = new Float32Array(PRODUCT_SIZE ** 2).fill(0.5);
  const product = new Float32Array(PRODUCT_SIZE ** 2);
  return async () => {
    await session.run({ left: half, right: half }, { product });
  };
}

/** Random tokens and targets; a step ends at every 32nd token. */
export function randomBatch(config: DecoderConfig, { batch, length }: BatchShape): TokenBatch {
  const random = seededRandom(1);
  const tokens = batch * length;
  return {
    batch,
    length,
    ids: Int32Array.from({ length: tokens }, () => random.int(0, config.vocab_size - 1)),
    targets: Float32Array.from({ length: tokens }, () => random.int(0, 1)),
    weights: Float32Array.from({ length: tokens }, (_, row) => (row % 32 === 31 ? 1 : 0)),
  };
}

/** Milliseconds that some work takes. */
export async function timed(work: () => unknown): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}
