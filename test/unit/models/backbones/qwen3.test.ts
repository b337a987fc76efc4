// The whole decoder: against a plain implementation of its definition, against finite differences, and its use in
// scoring against its use in training.
import { describe, expect, it } from 'vitest';
import type { DecoderConfig } from '../../../../server/src/models/backbones/config.ts';
import {
  bucketLength,
  evaluationGraph,
  gradientName,
  scoringGraph,
  TENSOR,
  trainingGraph,
} from '../../../../server/src/models/backbones/graphs.ts';
import {
  EMBEDDING,
  initialParameters,
  parameterCount,
  parameterSpecs,
} from '../../../../server/src/models/backbones/parameters.ts';
import { createSession } from '../../../../server/src/models/runtime.ts';
import { gatherEmbeddings } from '../../../../server/src/training/embedding.ts';
import { elementCount } from '../../../../server/src/graph/shape.ts';
import { seededRandom } from '../../../../server/src/support/random.ts';
import { centralDifferences, normals, relativeError } from '../../graph/runGraph.ts';
import { FULL, heldWeights } from './held.ts';
import { referenceLogits } from './qwen3Reference.ts';

/** Shaped like `mini`, small, with grouped heads: 2 key and value heads for 4 query heads. */
const config: DecoderConfig = {
  model_type: 'qwen3',
  vocab_size: 11,
  hidden_size: 16,
  num_hidden_layers: 2,
  num_attention_heads: 4,
  num_key_value_heads: 2,
  head_dim: 8,
  intermediate_size: 24,
  rms_norm_eps: 1e-6,
  rope_theta: 10_000,
  max_position_embeddings: 64,
};
const shape = { batch: 2, length: 7 };
const rows = shape.batch * shape.length;

/** Parameters far from their start, so that no term is negligible. */
function wildParameters(seed: number): Map<string, Float64Array> {
  const random = seededRandom(seed);
  return new Map(
    parameterSpecs(config).map(({ name, dims, initial }) => {
      const values = normals(random, elementCount(dims));
      return [
        name,
        initial === 'ones' ? values.map((value) => 1 + 0.3 * value) : values.map((value) => 0.3 * value),
      ];
    }),
  );
}

const random = seededRandom(5);
const ids = Int32Array.from({ length: rows }, () => random.int(0, config.vocab_size - 1));

/** The inputs of a training or evaluation graph in double precision. */
function doubleInputs(parameters: ReadonlyMap<string, Float64Array>) {
  const table = parameters.get(EMBEDDING) ?? new Float64Array();
  const embeddings = Float64Array.from([...ids].flatMap((id) => [...table.subarray(id * 16, id * 16 + 16)]));
  const weights = Float64Array.from({ length: rows }, (_, row) => (row % 3 === 0 ? 0.2 : 0));
  return {
    [TENSOR.embeddings]: embeddings,
    [TENSOR.signs]: Float64Array.from({ length: rows }, (_, row) => (row % 2 === 0 ? 1 : -1)),
    [TENSOR.weights]: weights,
    ...Object.fromEntries([...parameters].filter(([name]) => name !== EMBEDDING)),
  };
}

describe('qwen3', () => {
  // On the CPU the factor 1 / √head_dim is an attribute of the product, and ONNX attributes are single precision.
  it.each([
    ['cpu', 1e-7],
    ['portable', 1e-12],
  ] as const)('computes what its definition says (%s)', async (target, tolerance) => {
    const parameters = wildParameters(3);
    const model = evaluationGraph(config, shape, { ...FULL, floatType: 'float64', target });
    const { session } = await createSession(model, { device: 'cpu', threads: 1 });
    const logits = new Float64Array(rows * 2);
    await session.run(doubleInputs(parameters), { logits });
    await session.release();
    for (let path = 0; path < shape.batch; path++) {
      const expected = referenceLogits(config, parameters, [
        ...ids.subarray(path * shape.length, (path + 1) * shape.length),
      ]);
      const actual = logits.subarray(path * shape.length * 2, (path + 1) * shape.length * 2);
      expect(relativeError(actual, expected.flat())).toBeLessThan(tolerance);
    }
  });

  it.each(['cpu', 'portable'] as const)('has the gradient of its finite differences (%s)', async (target) => {
    const inputs: Record<string, Float64Array> = doubleInputs(wildParameters(3));
    const model = trainingGraph(config, shape, { ...FULL, floatType: 'float64', target });
    const { session } = await createSession(model, { device: 'cpu', threads: 1 });
    const sources = Object.keys(inputs).filter((name) => name !== TENSOR.signs && name !== TENSOR.weights);
    expect(sources).toHaveLength(parameterSpecs(config).length);
    const slopes = Object.fromEntries(
      sources.map((name) => [gradientName(name), new Float64Array(inputs[name].length)]),
    );
    await session.run(inputs, slopes);

    const loss = new Float64Array(1);
    const evaluate = async () => {
      await session.run(inputs, { loss });
      return loss[0];
    };
    const draw = seededRandom(8);
    for (const name of sources) {
      const most = inputs[name].length;
      const indices = Array.from({ length: Math.min(16, most) }, () => draw.int(0, most - 1));
      const expected = await centralDifferences(inputs[name], evaluate, indices);
      const actual = indices.map((index) => slopes[gradientName(name)][index]);
      expect(relativeError(actual, expected), name).toBeLessThan(1e-6);
    }
    await session.release();
  });

  it('scores as it is trained', async () => {
    const parameters = new Map(
      [...wildParameters(4)].map(([name, values]) => [name, Float32Array.from(values)]),
    );
    const scored = new Float32Array(rows * 2);
    const scoring = await createSession(
      scoringGraph(config, { weights: heldWeights(config, parameters) }, shape),
      {
        device: 'cpu',
        threads: 1,
      },
    );
    await scoring.session.run({ ids }, { logits: scored });
    await scoring.session.release();

    const embeddings = new Float32Array(rows * config.hidden_size);
    gatherEmbeddings(parameters.get(EMBEDDING) ?? new Float32Array(), config.hidden_size, ids, embeddings);
    const trained = new Float32Array(rows * 2);
    const training = await createSession(trainingGraph(config, shape, FULL), { device: 'cpu', threads: 1 });
    const inputs = Object.fromEntries([...parameters].filter(([name]) => name !== EMBEDDING));
    const signs = new Float32Array(rows).fill(1);
    await training.session.run({ ...inputs, embeddings, signs, weights: signs }, { logits: trained });
    await training.session.release();
    expect(relativeError(scored, trained)).toBeLessThan(1e-6);
  });

  it('names the weight that is missing', () => {
    const parameters = initialParameters(config, 1);
    parameters.delete('model.norm.weight');
    expect(() => scoringGraph(config, { weights: heldWeights(config, parameters) }, shape)).toThrow(
      'The weight model.norm.weight is missing',
    );
  });
});

describe('initialParameters', () => {
  it('is the same for the same seed, and another for another', () => {
    expect(initialParameters(config, 1)).toEqual(initialParameters(config, 1));
    expect(initialParameters(config, 1)).not.toEqual(initialParameters(config, 2));
  });

  it('has as many numbers as are counted', () => {
    let numbers = 0;
    for (const values of initialParameters(config, 1).values()) numbers += values.length;
    expect(parameterCount(config)).toBe(numbers);
  });
});

describe('bucketLength', () => {
  it.each([
    [1, 64],
    [64, 64],
    [65, 96],
    [97, 128],
    [129, 192],
    [257, 384],
    [1500, 1536],
  ])('pads %d tokens to %d', (tokens, length) => {
    expect(bucketLength(tokens)).toBe(length);
  });
});
