// Trains a decoder: one ONNX graph computes loss and gradients, TypeScript loops update the parameters.
import type { Device } from '../../../protocol/src/engine.ts';
import { elementCount } from '../graph/shape.ts';
import type { DecoderConfig } from '../models/backbones/config.ts';
import { evaluationGraph, gradientName, TENSOR, trainingGraph } from '../models/backbones/graphs.ts';
import {
  EMBEDDING,
  initialParameters,
  parameterSpecs,
  type ParameterSpec,
} from '../models/backbones/parameters.ts';
import { chooseDevice } from '../models/devices/choose.ts';
import { graphTarget, type ChosenDevice } from '../models/devices/device.ts';
import { createSession, type Session } from '../models/runtime.ts';
import { PrmError } from '../support/errors.ts';
import { adamW, clippingScale, globalNorm } from './adamw.ts';
import { gatherEmbeddings, scatterGradients } from './embedding.ts';
import { availableMemory } from './memoryNeed.ts';
import type { TokenBatch } from './tokenBatch.ts';

export type TrainingEngineOptions = {
  config: DecoderConfig;
  device: Device;
  /** CPU threads; left out: as many as the machine has. */
  threads?: number;
} & ({ seed: number } | { parameters: ReadonlyMap<string, Float32Array> });

interface UpdateOptions {
  learningRate: number;
  /** Decoupled weight decay, per step: parameters that decay shrink by learningRate * weightDecay. */
  weightDecay: number;
  /** Gradients are scaled down so that their global norm is at most this. */
  maxGradientNorm: number;
}

interface ForwardResult {
  /** Weighted mean cross-entropy over the scored positions, nats. */
  loss: number;
  /** [batch * length, 2], every position; class 1 = correct. Valid until the next call. */
  logits: Float32Array;
}

interface StepResult extends ForwardResult {
  /** Global norm of the gradient before clipping. */
  gradientNorm: number;
}

/** What AdamW carries from step to step, beside the parameters. */
export interface OptimizerState {
  /** Updates made so far. */
  step: number;
  /** First moments, by parameter name. */
  first: ReadonlyMap<string, Float32Array>;
  /** Second moments, by parameter name. */
  second: ReadonlyMap<string, Float32Array>;
}

export interface TrainingEngine {
  /** The device taken, never `auto`. */
  readonly device: ChosenDevice;
  /** Why other devices were not taken, one sentence each. */
  readonly deviceNotes: readonly string[];
  /** The live parameters, by Hugging Face name; updated in place by `trainStep`. */
  readonly parameters: ReadonlyMap<string, Float32Array>;
  /** Loss and logits without an update. */
  forward(batch: TokenBatch): Promise<ForwardResult>;
  /**
   * One AdamW update on one batch.
   * @throws PrmError where loss or gradient is not finite; the parameters stay as they were.
   */
  trainStep(batch: TokenBatch, options: UpdateOptions): Promise<StepResult>;
  /** The live optimiser state (not a copy). With the parameters it makes an exact resume. */
  optimizerState(): OptimizerState;
  /** Takes over parameters and optimiser state, copied; names and sizes must be this model's. */
  loadState(state: { parameters: ReadonlyMap<string, Float32Array>; optimizer: OptimizerState }): void;
  /** Releases the native sessions. */
  dispose(): Promise<void>;
}

/**
 * Makes an engine. Graphs are built on first use, one for each (batch, length) of a batch, and kept.
 * @throws PrmError where the device cannot be used, or parameters are missing or of another size
 */
export async function createTrainingEngine(options: TrainingEngineOptions): Promise<TrainingEngine> {
  const { device, notes } = await chooseDevice(options.device);
  const start =
    'parameters' in options ? options.parameters : initialParameters(options.config, options.seed);
  return new OnnxTrainingEngine(options.config, device, notes, options.threads, start);
}

/** A parameter with its gradient and moments. */
interface TrainedTensor {
  spec: ParameterSpec;
  values: Float32Array;
  gradient: Float32Array;
  first: Float32Array;
  second: Float32Array;
  decay: boolean;
}

/** What runs of one (batch, length) read and write; allocated once. */
interface Bucket {
  /** [N, hidden] */
  embeddings: Float32Array;
  embeddingGradient: Float32Array;
  signs: Float32Array;
  weights: Float32Array;
  logits: Float32Array;
  loss: Float32Array;
  evaluation?: Session;
  training?: Session;
}

class OnnxTrainingEngine implements TrainingEngine {
  readonly parameters: ReadonlyMap<string, Float32Array>;
  private readonly tensors: readonly TrainedTensor[];
  private readonly buckets = new Map<string, Bucket>();
  private step = 0;

  constructor(
    private readonly config: DecoderConfig,
    readonly device: ChosenDevice,
    readonly deviceNotes: readonly string[],
    private readonly threads: number | undefined,
    start: ReadonlyMap<string, Float32Array>,
  ) {
    this.tensors = parameterSpecs(config).map((spec) => {
      const size = elementCount(spec.dims);
      const zeros = () => new Float32Array(size);
      const values = zeros();
      values.set(tensorOf(start, spec));
      return { spec, values, gradient: zeros(), first: zeros(), second: zeros(), decay: spec.decay };
    });
    this.parameters = new Map(this.tensors.map(({ spec, values }) => [spec.name, values]));
  }

  async forward(batch: TokenBatch): Promise<ForwardResult> {
    const bucket = this.fill(batch);
    const { loss, logits } = bucket;
    bucket.evaluation ??= await this.open(evaluationGraph, batch);
    await bucket.evaluation.run(this.inputs(bucket), { loss, logits });
    return { loss: loss[0], logits };
  }

  async trainStep(batch: TokenBatch, options: UpdateOptions): Promise<StepResult> {
    const bucket = this.fill(batch);
    const { loss, logits } = bucket;
    bucket.training ??= await this.open(trainingGraph, batch);
    await bucket.training.run(this.inputs(bucket), { loss, logits, ...this.gradientOutputs(bucket) });
    scatterGradients(bucket.embeddingGradient, batch.ids, this.embedding.gradient);

    const gradientNorm = globalNorm(this.tensors.map(({ gradient }) => gradient));
    if (!Number.isFinite(loss[0] + gradientNorm)) throw this.diverged(loss[0], gradientNorm);
    this.step++;
    const gradientScale = clippingScale(gradientNorm, options.maxGradientNorm);
    for (const tensor of this.tensors) adamW(tensor, { ...options, step: this.step, gradientScale });
    return { loss: loss[0], logits, gradientNorm };
  }

  optimizerState(): OptimizerState {
    const named = (part: 'first' | 'second') =>
      new Map(this.tensors.map((tensor) => [tensor.spec.name, tensor[part]]));
    return { step: this.step, first: named('first'), second: named('second') };
  }

  loadState(state: { parameters: ReadonlyMap<string, Float32Array>; optimizer: OptimizerState }): void {
    for (const { spec } of this.tensors) {
      // All are checked before any is taken over.
      for (const source of [state.parameters, state.optimizer.first, state.optimizer.second])
        tensorOf(source, spec);
    }
    for (const { spec, values, first, second } of this.tensors) {
      values.set(tensorOf(state.parameters, spec));
      first.set(tensorOf(state.optimizer.first, spec));
      second.set(tensorOf(state.optimizer.second, spec));
    }
    this.step = state.optimizer.step;
  }

  async dispose(): Promise<void> {
    for (const { evaluation, training } of this.buckets.values()) {
      await evaluation?.release();
      await training?.release();
    }
    this.buckets.clear();
  }

  /** The parameter that stays outside the graph: `parameterSpecs` lists it first. */
  private get embedding(): TrainedTensor {
    return this.tensors[0];
  }

  private async open(graph: typeof trainingGraph, { batch, length }: TokenBatch): Promise<Session> {
    const model = graph(this.config, { batch, length }, { target: graphTarget(this.device) });
    const threads = this.threads === undefined ? {} : { threads: this.threads };
    return (await createSession(model, { device: this.device, keepMemory: memoryIsPlentiful(), ...threads }))
      .session;
  }

  /** Writes a batch into the arrays of its bucket. */
  private fill(batch: TokenBatch): Bucket {
    const bucket = this.bucket(batch);
    gatherEmbeddings(this.embedding.values, this.config.hidden_size, batch.ids, bucket.embeddings);
    let total = 0;
    for (const weight of batch.weights) total += weight;
    for (let row = 0; row < batch.ids.length; row++) {
      bucket.signs[row] = 2 * batch.targets[row] - 1;
      bucket.weights[row] = total === 0 ? 0 : batch.weights[row] / total;
    }
    return bucket;
  }

  private bucket({ batch, length }: TokenBatch): Bucket {
    const key = `${batch} ${length}`;
    const known = this.buckets.get(key);
    if (known) return known;
    const rows = batch * length;
    const hidden = this.config.hidden_size;
    const bucket: Bucket = {
      embeddings: new Float32Array(rows * hidden),
      embeddingGradient: new Float32Array(rows * hidden),
      signs: new Float32Array(rows),
      weights: new Float32Array(rows),
      logits: new Float32Array(rows * 2),
      loss: new Float32Array(1),
    };
    this.buckets.set(key, bucket);
    return bucket;
  }

  private inputs({ embeddings, signs, weights }: Bucket): Record<string, Float32Array> {
    const inputs: Record<string, Float32Array> = {
      [TENSOR.embeddings]: embeddings,
      [TENSOR.signs]: signs,
      [TENSOR.weights]: weights,
    };
    for (const { spec, values } of this.tensors) if (spec.name !== EMBEDDING) inputs[spec.name] = values;
    return inputs;
  }

  private gradientOutputs({ embeddingGradient }: Bucket): Record<string, Float32Array> {
    const outputs: Record<string, Float32Array> = { [gradientName(TENSOR.embeddings)]: embeddingGradient };
    for (const { spec, gradient } of this.tensors) {
      if (spec.name !== EMBEDDING) outputs[gradientName(spec.name)] = gradient;
    }
    return outputs;
  }

  private diverged(loss: number, gradientNorm: number): PrmError {
    return new PrmError({
      what: `Training diverged at step ${this.step + 1}: the loss is ${loss} and the gradient norm ${gradientNorm}`,
      remedy: 'Train again with a lower learning rate.',
    });
  }
}

/** What this process may hold before further training sessions give their memory back after each run, in bytes. */
const KEPT_MEMORY = 1.5e9;
/** The same as a share of a small machine's memory. */
const KEPT_MEMORY_SHARE = 0.25;

/**
 * Whether one more session may keep its memory. A batch of 16 x 256 tokens is trained a fifth faster with it. But each
 * length of batch has a session: where all kept theirs, a run of `mini` held 6.8 GB and took no less time (docs/results.md).
 */
function memoryIsPlentiful(): boolean {
  return process.memoryUsage.rss() < Math.min(KEPT_MEMORY, KEPT_MEMORY_SHARE * availableMemory());
}

/** A tensor of a state, checked against the model. */
function tensorOf(tensors: ReadonlyMap<string, Float32Array>, { name, dims }: ParameterSpec): Float32Array {
  const tensor = tensors.get(name);
  if (tensor?.length === elementCount(dims)) return tensor;
  throw new PrmError({
    what: tensor
      ? `The tensor ${name} has ${tensor.length} elements instead of ${elementCount(dims)}`
      : `The tensor ${name} is missing`,
    remedy: 'The tensors and config.json must come from the same model.',
  });
}
