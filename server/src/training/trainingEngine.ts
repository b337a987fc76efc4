// Trains a decoder: one ONNX graph computes loss and gradients of a batch, a store holds and updates what is trained.
import type { Device } from '../../../protocol/src/engine.ts';
import type { DecoderConfig } from '../models/backbones/config.ts';
import { evaluationGraph, gradientName, TENSOR, trainingGraph } from '../models/backbones/graphs.ts';
import { trainedSpecs, type TrainingMethod } from '../models/backbones/method.ts';
import { EMBEDDING } from '../models/backbones/parameters.ts';
import { initialTrained } from '../models/backbones/trained.ts';
import type { Weights } from '../models/backbones/weight.ts';
import { chooseDevice } from '../models/devices/choose.ts';
import { graphTarget, keepsTensors, type ChosenDevice, type DeviceChoice } from '../models/devices/device.ts';
import { announceUse, useNotice } from '../models/devices/inUse.ts';
import { isOutOfMemory, memoryDetail, OutOfMemoryError } from '../models/memoryError.ts';
import { createSession, type Feeds, type Session, type Tensors } from '../models/runtime.ts';
import { messageOf, PrmError } from '../support/errors.ts';
import { clippingScale } from './adamw.ts';
import { DeviceStore } from './deviceStore.ts';
import { dropoutSeed } from './dropoutSeed.ts';
import { EmbeddingStore } from './embeddingStore.ts';
import { HostStore } from './hostStore.ts';
import { memoryIsPlentiful } from './keptMemory.ts';
import type { MemoryBudget } from './memoryPlan.ts';
import { tensorOf, type NamedTensors, type StatePart, type TensorStore } from './tensorStore.ts';
import type { TokenBatch } from './tokenBatch.ts';

export interface TrainingEngineOptions {
  config: DecoderConfig;
  device: Device;
  /** CPU threads; left out: as many as the machine has. */
  threads?: number;
  method: TrainingMethod;
  /** The whole backbone: what the method trains starts from it, the rest is read from it in every run. */
  weights: Weights;
  /** Of new adapters and of dropout. */
  seed: number;
  /** Compute activations a second time instead of keeping them: a third slower, in far less memory. */
  recompute?: boolean;
  /** What the run may fill and does: where it is tight, sessions give their memory back after each run. */
  memory?: MemoryBudget | undefined;
  /** Of the run, absolute: runs that use the device at the same time are told of it. Left out: nobody is. */
  runFolder?: string;
}

export interface UpdateOptions {
  learningRate: number;
  /** Decoupled weight decay, per step: tensors that decay shrink by learningRate * weightDecay. */
  weightDecay: number;
  /** Gradients are scaled down so that their global norm is at most this. */
  maxGradientNorm: number;
}

export interface ForwardResult {
  /** Weighted mean cross-entropy over the scored positions, nats. */
  loss: number;
  /** [batch * length, 2], every position; class 1 = correct. */
  logits: Float32Array;
}

export interface StepResult {
  /** Weighted mean cross-entropy over the scored positions of all batches, nats. */
  loss: number;
  /** For each batch [batch * length, 2]: every position, before the update; class 1 = correct. */
  logits: readonly Float32Array[];
  /** Global norm of the gradient before clipping. */
  gradientNorm: number;
}

/** A loss or a gradient that is no finite number. Nothing was changed by it. */
export class NotFiniteError extends Error {
  constructor(
    readonly loss: number,
    readonly gradientNorm: number,
  ) {
    super(`The loss is ${loss} and the gradient norm ${gradientNorm}.`);
    this.name = 'NotFiniteError';
  }
}

/** What AdamW carries from step to step, beside the trained tensors. */
export interface OptimizerState {
  /** Updates made so far. */
  step: number;
  /** First moments, by parameter name. */
  first: NamedTensors;
  /** Second moments, by parameter name. */
  second: NamedTensors;
}

export interface TrainingEngine {
  /** The device taken, never `auto`. */
  readonly device: ChosenDevice;
  /** Why other devices were not taken, and who else trains on this one: a sentence or two each. */
  readonly deviceNotes: readonly string[];
  /** Loss and logits without an update, and without dropout. */
  forward(batch: TokenBatch): Promise<ForwardResult>;
  /**
   * One AdamW update on all the batches together: the loss is the weighted mean over all their scored positions, as if
   * they were one batch.
   * @throws NotFiniteError, OutOfMemoryError, PrmError where the device fails; all tensors stay as they were, or, where
   *   it fails in the midst of the update itself, cannot be read or trained any more
   */
  trainStep(batches: readonly TokenBatch[], options: UpdateOptions): Promise<StepResult>;
  /**
   * The trained tensors, by Hugging Face name. Read them before the next step: on the CPU they are the live arrays, on
   * other devices copies.
   */
  parameters(): Promise<NamedTensors>;
  /** The optimiser's state, as `parameters`. With them it makes an exact resume. */
  optimizerState(): Promise<OptimizerState>;
  /**
   * Takes over trained tensors and optimiser state, copied.
   * @throws PrmError where a name or size is not this model's; nothing is taken over then
   */
  loadState(state: { parameters: NamedTensors; optimizer: OptimizerState }): Promise<void>;
  /** Releases the native sessions and the device's memory. */
  dispose(): Promise<void>;
}

/**
 * Makes an engine. Graphs are built on first use, one for each (batch, length) of a batch, and kept.
 * @throws PrmError where the device cannot be used, or weights are missing or of another size
 */
export async function createTrainingEngine(options: TrainingEngineOptions): Promise<TrainingEngine> {
  const { config, method, weights, seed } = options;
  const choice = await chooseDevice(options.device);
  const { notes, release } = await announced(choice, options.runFolder);
  const engine = new OnnxTrainingEngine(options, { ...choice, notes }, release);
  try {
    await engine.start(await initialTrained(config, method, weights, seed));
  } catch (error) {
    await engine.dispose();
    throw isOutOfMemory(error) ? engine.outOfMemory('at the start', error) : error;
  }
  return engine;
}

/** Tells other runs of this one, and this one's notes of them. */
async function announced({ device, notes }: DeviceChoice, runFolder: string | undefined) {
  if (runFolder === undefined) return { notes, release: () => Promise.resolve() };
  try {
    const { others, release } = await announceUse(device, runFolder);
    return { notes: [...notes, ...others.map((other) => useNotice(device, other))], release };
  } catch (error) {
    // Worth a word, but no reason not to train.
    const note = `Whether another run trains on ${device} could not be found out (${messageOf(error)}).`;
    return { notes: [...notes, note], release: () => Promise.resolve() };
  }
}

/** What runs of one (batch, length) read; allocated once. */
interface Bucket {
  /** [N, hidden], and the gradient; only where the embedding is trained. */
  embeddings: Float32Array;
  embeddingGradient: Float32Array;
  signs: Float32Array;
  weights: Float32Array;
  evaluation?: Session;
  training?: Session;
}

class OnnxTrainingEngine implements TrainingEngine {
  readonly device: ChosenDevice;
  readonly deviceNotes: readonly string[];
  private readonly specs;
  /** Undefined where the embedding is frozen. */
  private readonly embedding: EmbeddingStore | undefined;
  /** All other trained tensors. */
  private readonly store: TensorStore;
  private readonly stores: readonly TensorStore[];
  private readonly frozen: Weights;
  private readonly buckets = new Map<string, Bucket>();
  private step = 0;
  /** Whether an update began and did not end. */
  private isTorn = false;

  constructor(
    private readonly options: TrainingEngineOptions,
    { device, notes }: DeviceChoice,
    private readonly releaseDevice: () => Promise<void>,
  ) {
    this.device = device;
    this.deviceNotes = notes;
    const specs = trainedSpecs(options.config, options.method);
    this.specs = specs;
    const rest = specs.filter(({ name }) => name !== EMBEDDING);
    this.store = keepsTensors(device) ? new DeviceStore(rest, device) : new HostStore(rest);
    const embedding = specs.find(({ name }) => name === EMBEDDING);
    this.embedding = embedding && new EmbeddingStore(embedding);
    this.stores = this.embedding ? [this.embedding, this.store] : [this.store];
    const trained = new Set(specs.map(({ name }) => name));
    this.frozen = new Map([...options.weights].filter(([name]) => !trained.has(name)));
  }

  /** Puts the first values in place; moments are zero. */
  async start(values: NamedTensors): Promise<void> {
    for (const store of this.stores) await store.start(values);
  }

  async forward(batch: TokenBatch): Promise<ForwardResult> {
    const work = async () => {
      this.checkWhole();
      const bucket = this.fill(batch, totalWeight([batch]));
      bucket.evaluation ??= await this.open('evaluation', batch);
      const [loss, logits] = [new Float32Array(1), new Float32Array(2 * batch.ids.length)];
      await bucket.evaluation.run(this.inputs(bucket, batch), { loss, logits });
      return { loss: loss[0], logits };
    };
    return this.advised(work, [batch]);
  }

  async trainStep(batches: readonly TokenBatch[], options: UpdateOptions): Promise<StepResult> {
    return this.advised(async () => {
      this.checkWhole();
      const total = totalWeight(batches);
      let loss = 0;
      const logits: Float32Array[] = [];
      for (const [index, batch] of batches.entries()) {
        const result = await this.backward(batch, total, index);
        loss += result.loss;
        logits.push(result.logits);
      }
      let squares = 0;
      for (const store of this.stores) squares += await store.sumOfSquares();
      const gradientNorm = Math.sqrt(squares);
      if (!Number.isFinite(loss + gradientNorm)) throw new NotFiniteError(loss, gradientNorm);
      const gradientScale = clippingScale(gradientNorm, options.maxGradientNorm);
      const { learningRate, weightDecay } = options;
      const step = this.step + 1;
      // A device may fail between two tensors: what is half of this step and half of the last must never be saved.
      this.isTorn = true;
      for (const store of this.stores) await store.update({ step, learningRate, weightDecay, gradientScale });
      this.isTorn = false;
      this.step = step;
      return { loss, logits, gradientNorm };
    }, batches);
  }

  async parameters(): Promise<NamedTensors> {
    this.checkWhole();
    return this.read('values');
  }

  async optimizerState(): Promise<OptimizerState> {
    this.checkWhole();
    return { step: this.step, first: await this.read('first'), second: await this.read('second') };
  }

  async loadState(state: { parameters: NamedTensors; optimizer: OptimizerState }): Promise<void> {
    const parts = [
      ['values', state.parameters],
      ['first', state.optimizer.first],
      ['second', state.optimizer.second],
    ] as const;
    // All are checked before any is taken over.
    for (const [, tensors] of parts) for (const spec of this.specs) tensorOf(tensors, spec);
    this.isTorn = true;
    for (const [part, tensors] of parts) await this.load(part, tensors);
    this.step = state.optimizer.step;
    this.isTorn = false;
  }

  async dispose(): Promise<void> {
    for (const { evaluation, training } of this.buckets.values()) {
      await evaluation?.release();
      await training?.release();
    }
    this.buckets.clear();
    for (const store of this.stores) await store.dispose();
    await this.releaseDevice();
  }

  /** The advice that a person can follow where memory ran out. */
  outOfMemory(where: string, cause: unknown): OutOfMemoryError {
    const { method, recompute } = this.options;
    const ways = [
      'a smaller --batch_size',
      'a shorter --max_length',
      ...(recompute ? [] : ['--recompute']),
      '--max_memory',
      ...(method.kind === 'full' ? ['--method lora'] : []),
    ];
    return new OutOfMemoryError({
      what: `The memory of ${this.device} ran out ${where} (${memoryDetail(rootOf(cause))})`,
      remedy: `Train with ${ways.slice(0, -1).join(', ')} or ${ways.at(-1) ?? ''}.`,
      cause,
    });
  }

  /** Loss and logits of one micro-batch; its gradients are added to the step's. */
  private async backward(batch: TokenBatch, total: number, index: number): Promise<ForwardResult> {
    const bucket = this.fill(batch, total);
    bucket.training ??= await this.open('training', batch);
    const first = index === 0;
    const [loss, logits] = [new Float32Array(1), new Float32Array(2 * batch.ids.length)];
    const inputs = {
      ...this.inputs(bucket, batch),
      [TENSOR.dropoutSeed]: Int32Array.of(dropoutSeed(this.options.seed, this.step + 1, index)),
    };
    const outputs: Tensors = {
      [TENSOR.loss]: loss,
      [TENSOR.logits]: logits,
      ...this.store.gradientTargets(first),
      ...(this.embedding ? { [gradientName(TENSOR.embeddings)]: bucket.embeddingGradient } : {}),
    };
    await this.store.collect(await bucket.training.run(inputs, outputs), first);
    this.embedding?.addGradients(bucket.embeddingGradient, batch.ids, first);
    return { loss: loss[0], logits };
  }

  private async open(kind: 'training' | 'evaluation', { batch, length }: TokenBatch): Promise<Session> {
    const { config, method, recompute = false, threads } = this.options;
    const graph = kind === 'training' ? trainingGraph : evaluationGraph;
    const target = graphTarget(this.device);
    const model = graph(config, { batch, length }, { target, method, frozen: this.frozen, recompute });
    const { session } = await createSession(model, {
      device: this.device,
      keepMemory: memoryIsPlentiful(process.memoryUsage.rss(), this.options.memory),
      keepOnDevice: kind === 'training' ? this.store.keepOnDevice : [],
      ...(threads === undefined ? {} : { threads }),
    });
    return session;
  }

  /** Writes a batch into the arrays of its bucket. */
  private fill(batch: TokenBatch, total: number): Bucket {
    const bucket = this.bucket(batch);
    this.embedding?.gather(batch.ids, bucket.embeddings);
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
    const embedded = this.embedding ? rows * this.options.config.hidden_size : 0;
    const bucket: Bucket = {
      embeddings: new Float32Array(embedded),
      embeddingGradient: new Float32Array(embedded),
      signs: new Float32Array(rows),
      weights: new Float32Array(rows),
    };
    this.buckets.set(key, bucket);
    return bucket;
  }

  private inputs({ embeddings, signs, weights }: Bucket, { ids }: TokenBatch): Feeds {
    return {
      ...(this.embedding ? { [TENSOR.embeddings]: embeddings } : { [TENSOR.ids]: ids }),
      [TENSOR.signs]: signs,
      [TENSOR.weights]: weights,
      ...this.store.feeds(),
    };
  }

  private async read(part: StatePart): Promise<NamedTensors> {
    const tensors = new Map<string, Float32Array>();
    for (const store of this.stores)
      for (const [name, values] of await store.read(part)) tensors.set(name, values);
    return tensors;
  }

  private async load(part: StatePart, tensors: NamedTensors): Promise<void> {
    for (const store of this.stores) await store.load(part, tensors);
  }

  /** Does the work of a step; memory that runs out is told with what would need less. */
  private async advised<T>(work: () => Promise<T>, batches: readonly TokenBatch[]): Promise<T> {
    try {
      return await work();
    } catch (error) {
      if (!isOutOfMemory(error)) throw error;
      const shapes = [...new Set(batches.map(({ batch, length }) => `${batch} x ${length}`))].join(', ');
      throw this.outOfMemory(`in step ${this.step + 1}, with batches of ${shapes} tokens`, error);
    }
  }

  private checkWhole(): void {
    if (!this.isTorn) return;
    throw new PrmError({
      what: `Update ${this.step + 1} broke off on ${this.device}: what is trained is neither as before it nor as after it`,
      remedy: 'Go on from the last checkpoint.',
    });
  }
}

/** The runtime's own error has words around it that would be said twice. */
function rootOf(error: unknown): unknown {
  return error instanceof OutOfMemoryError ? (error.cause ?? error) : error;
}

function totalWeight(batches: readonly TokenBatch[]): number {
  let total = 0;
  for (const { weights } of batches) for (const weight of weights) total += weight;
  return total;
}
