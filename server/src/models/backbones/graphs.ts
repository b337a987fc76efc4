// The graphs of a decoder: scoring (all weights inside), evaluation and training (trained tensors fed, so that they can
// change; frozen weights inside).
import { Graph, type GraphOptions, type Value } from '../../graph/graph.ts';
import { gradients } from '../../graph/gradients.ts';
import * as onnx from '../../graph/nodes.ts';
import type { ModelBytes } from '../../graph/onnxModel.ts';
import { operators } from '../../graph/operators/index.ts';
import type { DecoderConfig } from './config.ts';
import { decoder, type BatchShape } from './decoder.ts';
import { loraAdapter, type Adapter } from './lora.ts';
import { trainedSpecs, type LoraSettings, type TrainingMethod } from './method.ts';
import { EMBEDDING, parameterSpecs, type ParameterSpec } from './parameters.ts';
import type { Weights } from './weight.ts';
import { externalFolderOf, weightTensors } from './weightTensors.ts';

/** Names that runs feed and fetch by, beside the trained tensors'. */
export const TENSOR = {
  /** int32 [N] token ids: scoring, and training where the embedding is frozen. */
  ids: 'ids',
  /** [N, hidden] the tokens' embeddings: training and evaluation where the embedding is trained. */
  embeddings: 'embeddings',
  /** [N, 1] 2 t − 1 for the wanted probability t of "correct": +1 for correct, −1 for incorrect. */
  signs: 'signs',
  /** [N, 1] weights of the positions; they sum to 1. */
  weights: 'weights',
  /** int32 [1] one number for each step, from which dropout's masks are drawn: training of LoRA with dropout. */
  dropoutSeed: 'dropout seed',
  /** [N, 2] */
  logits: 'logits',
  /** [] nats */
  loss: 'loss',
} as const;

/** A model, with the folder that its weights in files are found from. */
export interface GraphModel {
  bytes: ModelBytes;
  /** Undefined where no weight is in a file. */
  externalFolder: string | undefined;
}

interface LossGraphOptions extends GraphOptions {
  method: TrainingMethod;
  /** Where the weights that the method does not train come from; others are let pass. */
  frozen: Weights;
  /** Compute each layer's activations a second time for the backward pass instead of keeping them. */
  recompute?: boolean;
}

/** What scoring runs. */
export interface ScoredWeights {
  /** Every parameter; the head may be among the adapter's tensors instead. */
  weights: Weights;
  /** An adapter beside them; a head among its tensors goes before that of `weights`. */
  lora?: { settings: LoraSettings; tensors: ReadonlyMap<string, Float32Array> };
}

/** Name of the gradient of an input. */
export function gradientName(input: string): string {
  return `gradient of ${input}`;
}

/**
 * Scoring: ids in, logits of every position out.
 * @throws PrmError where a weight is missing or of another size
 */
export function scoringGraph(
  config: DecoderConfig,
  { weights, lora }: ScoredWeights,
  shape: BatchShape,
  options: GraphOptions = {},
): GraphModel {
  const graph = new Graph(options);
  const adapterSpecs = lora ? trainedSpecs(config, { kind: 'lora', ...lora.settings }) : [];
  const specs = specsByName([...parameterSpecs(config), ...adapterSpecs]);
  const all = new Map([...weights].filter(([name]) => specs.has(name)));
  for (const { name, dims } of adapterSpecs) {
    const values = lora?.tensors.get(name);
    if (values) all.set(name, { dims, values });
  }
  const externalFolder = externalFolderOf(all);
  const tensor = weightTensors(graph, all, externalFolder);
  const parameter = (name: string) => tensor(lookUp(specs, name));
  const embeddings = embed(graph, shape, parameter);
  const adapter = lora && loraAdapter(config, lora.settings, parameter);
  graph.output(TENSOR.logits, decoder(config, shape, embeddings, parameter, adapter && { adapter }));
  return { bytes: graph.toModel(), externalFolder };
}

/** Evaluation: tokens, targets and trained tensors in; loss and logits out. No dropout. */
export function evaluationGraph(
  config: DecoderConfig,
  shape: BatchShape,
  options: LossGraphOptions,
): GraphModel {
  const { graph, externalFolder } = lossGraph(config, shape, options, 'evaluation');
  return { bytes: graph.toModel(), externalFolder };
}

/** Training: as evaluation, and the gradient of every trained tensor (of the tokens' embeddings instead of the table). */
export function trainingGraph(
  config: DecoderConfig,
  shape: BatchShape,
  options: LossGraphOptions,
): GraphModel {
  const { graph, externalFolder } = gradientGraph(config, shape, options);
  return { bytes: graph.toModel(), externalFolder };
}

/** The most bytes that a training graph's activations and gradients take at once, those of trained tensors not counted. */
export function trainingMemory(config: DecoderConfig, shape: BatchShape, options: LossGraphOptions): number {
  return gradientGraph(config, shape, options).graph.peakMemory();
}

function gradientGraph(config: DecoderConfig, shape: BatchShape, options: LossGraphOptions) {
  const { graph, loss, sources, externalFolder } = lossGraph(config, shape, options, 'training');
  const names = [...sources.keys()];
  for (const [index, gradient] of gradients(loss, [...sources.values()]).entries()) {
    graph.output(gradientName(names[index]), gradient);
  }
  return { graph, externalFolder };
}

function lossGraph(
  config: DecoderConfig,
  shape: BatchShape,
  options: LossGraphOptions,
  purpose: 'training' | 'evaluation',
) {
  const { method, frozen, recompute = false } = options;
  const graph = new Graph(options);
  const rows = shape.batch * shape.length;
  const trained = specsByName(trainedSpecs(config, method));
  const specs = specsByName(parameterSpecs(config));
  /** What gradients are taken of. */
  const sources = new Map<string, Value>();

  if (trained.has(EMBEDDING)) {
    sources.set(TENSOR.embeddings, graph.input(TENSOR.embeddings, [rows, config.hidden_size]));
  }
  for (const { name, dims } of trained.values()) {
    if (name !== EMBEDDING) sources.set(name, graph.input(name, dims));
  }
  const kept = new Map([...frozen].filter(([name]) => specs.has(name) && !trained.has(name)));
  const externalFolder = externalFolderOf(kept);
  const tensor = weightTensors(graph, kept, externalFolder);
  const parameter = (name: string) => sources.get(name) ?? tensor(lookUp(specs, name));

  const embeddings = sources.get(TENSOR.embeddings) ?? embed(graph, shape, parameter);
  const signs = graph.input(TENSOR.signs, [rows, 1]);
  const weights = graph.input(TENSOR.weights, [rows, 1]);
  let adapter: Adapter | undefined;
  if (method.kind === 'lora') {
    const drops = purpose === 'training' && method.dropout > 0;
    const dropout = drops ? { seed: graph.input(TENSOR.dropoutSeed, [1], 'int32'), rows } : undefined;
    adapter = loraAdapter(config, method, parameter, dropout);
  }
  const logits = decoder(config, shape, embeddings, parameter, {
    ...(adapter && { adapter }),
    recompute: recompute && purpose === 'training',
  });
  const loss = operators.binaryCrossEntropy(logits, signs, weights);
  graph.output(TENSOR.logits, logits);
  graph.output(TENSOR.loss, loss);
  return { graph, loss, sources, externalFolder };
}

/** The tokens' rows of the table, widened after they were gathered: the table itself stays as it is stored. */
function embed(graph: Graph, { batch, length }: BatchShape, parameter: (name: string) => Value): Value {
  const ids = graph.input(TENSOR.ids, [batch * length], 'int32');
  return onnx.widen(onnx.gatherRows(parameter(EMBEDDING), ids));
}

function specsByName(specs: readonly ParameterSpec[]): ReadonlyMap<string, ParameterSpec> {
  return new Map(specs.map((spec) => [spec.name, spec]));
}

/** A name that the decoder asks for and its list of parameters lacks is a mistake in one of the two. */
function lookUp(specs: ReadonlyMap<string, ParameterSpec>, name: string): ParameterSpec {
  const spec = specs.get(name);
  if (!spec) throw new RangeError(`The decoder has no parameter ${name}.`);
  return spec;
}

/** Padded lengths that graphs are built for: at most a third of a bucket is padding, and few graphs are needed. */
const STEP_UP = [1, 1.5];
const SHORTEST = 64;

/** The padded length for a number of tokens: 64, 96, 128, 192, 256, 384, … */
export function bucketLength(tokens: number): number {
  for (let power = SHORTEST; ; power *= 2) {
    for (const factor of STEP_UP) if (power * factor >= tokens) return power * factor;
  }
}
