// The graphs of a decoder: scoring (weights inside), evaluation and training (weights fed, so that they can change).
import { Graph, type GraphOptions, type Value } from '../../graph/graph.ts';
import { gradients } from '../../graph/gradients.ts';
import * as onnx from '../../graph/nodes.ts';
import type { ModelBytes } from '../../graph/onnxModel.ts';
import { operators } from '../../graph/operators/index.ts';
import { PrmError } from '../../support/errors.ts';
import type { DecoderConfig } from './config.ts';
import { decoder, type BatchShape } from './decoder.ts';
import { EMBEDDING, parameterSpecs } from './parameters.ts';

/** Names that runs feed and fetch by, beside the parameters'. */
export const TENSOR = {
  /** int32 [N] token ids: scoring only. */
  ids: 'ids',
  /** [N, hidden] the tokens' embeddings: training and evaluation. */
  embeddings: 'embeddings',
  /** [N, 1] +1 where the label is correct, −1 where it is not. */
  signs: 'signs',
  /** [N, 1] weights of the positions; they sum to 1. */
  weights: 'weights',
  /** [N, 2] */
  logits: 'logits',
  /** [] nats */
  loss: 'loss',
} as const;

/** Name of the gradient of an input. */
export function gradientName(input: string): string {
  return `gradient of ${input}`;
}

/**
 * Scoring: ids in, logits of every position out; the weights are inside the model.
 * @param weights by Hugging Face name, as `parameterSpecs` lists them
 * @throws PrmError where a weight is missing or of another size
 */
export function scoringGraph(
  config: DecoderConfig,
  weights: ReadonlyMap<string, Float32Array>,
  shape: BatchShape,
  options: GraphOptions = {},
): ModelBytes {
  const graph = new Graph(options);
  const parameters = new Map(
    parameterSpecs(config).map(({ name, dims }) => {
      const data = weights.get(name);
      if (!data) throw missingWeight(name);
      return [name, graph.initializer(dims, data)];
    }),
  );
  const ids = graph.input(TENSOR.ids, [shape.batch * shape.length], 'int32');
  const embeddings = onnx.gatherRows(lookUp(parameters, EMBEDDING), ids);
  graph.output(
    TENSOR.logits,
    decoder(config, shape, embeddings, (name) => lookUp(parameters, name)),
  );
  return graph.toModel();
}

/** Evaluation: embeddings, labels and parameters in; loss and logits out. */
export function evaluationGraph(
  config: DecoderConfig,
  shape: BatchShape,
  options: GraphOptions = {},
): ModelBytes {
  return lossGraph(config, shape, options).graph.toModel();
}

/** Training: as evaluation, and the gradient of every parameter and of the embeddings. */
export function trainingGraph(
  config: DecoderConfig,
  shape: BatchShape,
  options: GraphOptions = {},
): ModelBytes {
  const { graph, loss, sources } = lossGraph(config, shape, options);
  const names = [...sources.keys()];
  for (const [index, gradient] of gradients(loss, [...sources.values()]).entries()) {
    graph.output(gradientName(names[index]), gradient);
  }
  return graph.toModel();
}

function lossGraph(config: DecoderConfig, shape: BatchShape, options: GraphOptions) {
  const graph = new Graph(options);
  const rows = shape.batch * shape.length;
  const sources = new Map<string, Value>();
  const source = (name: string, dims: readonly number[]) => sources.set(name, graph.input(name, dims));

  source(TENSOR.embeddings, [rows, config.hidden_size]);
  for (const { name, dims } of parameterSpecs(config)) if (name !== EMBEDDING) source(name, dims);
  const signs = graph.input(TENSOR.signs, [rows, 1]);
  const weights = graph.input(TENSOR.weights, [rows, 1]);

  const logits = decoder(config, shape, lookUp(sources, TENSOR.embeddings), (name) => lookUp(sources, name));
  const loss = operators.binaryCrossEntropy(logits, signs, weights);
  graph.output(TENSOR.logits, logits);
  graph.output(TENSOR.loss, loss);
  return { graph, loss, sources };
}

function lookUp(values: ReadonlyMap<string, Value>, name: string): Value {
  const value = values.get(name);
  if (!value) throw missingWeight(name);
  return value;
}

function missingWeight(name: string): PrmError {
  return new PrmError({
    what: `The weight ${name} is missing`,
    remedy: 'The weights and config.json must come from the same model.',
  });
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
