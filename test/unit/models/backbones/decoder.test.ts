// Decoders of every architecture against PyTorch: logits, loss and all gradients of small random models.
// The values are from test/reference/decoders.py (torch 2.15.0, transformers 5.23.0, float32).
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { parseDecoderConfig, type DecoderConfig } from '../../../../server/src/models/backbones/config.ts';
import {
  gradientName,
  scoringGraph,
  TENSOR,
  trainingGraph,
} from '../../../../server/src/models/backbones/graphs.ts';
import { EMBEDDING, parameterSpecs } from '../../../../server/src/models/backbones/parameters.ts';
import { createSession } from '../../../../server/src/models/runtime.ts';
import { readSafetensors, toFloat32 } from '../../../../server/src/models/safetensors.ts';
import { gatherEmbeddings } from '../../../../server/src/training/embedding.ts';
import { relativeError } from '../../graph/runGraph.ts';
import { FULL, heldWeights } from './held.ts';

const FIXTURES = path.resolve(import.meta.dirname, '../../../fixtures/decoders');
const NAMES = readdirSync(FIXTURES).filter((name) => name !== 'README.md');
/** Relative to the largest or typical element of a tensor: float32 sums in another order. */
const TOLERANCE = 1e-4;
const SHAPE = { batch: 2, length: 12 };

type Tensors = Map<string, Float32Array>;

async function tensorsOf(name: string, file: string): Promise<Tensors> {
  const { tensors } = await readSafetensors(path.join(FIXTURES, name, file));
  return new Map([...tensors].map(([tensor, stored]) => [tensor, toFloat32(stored)]));
}

function take(tensors: Tensors, name: string): Float32Array {
  const tensor = tensors.get(name);
  if (tensor === undefined) throw new Error(`The fixture lacks ${name}.`);
  return tensor;
}

describe.each(NAMES)('%s', (name) => {
  let config: DecoderConfig;
  let weights: Tensors;
  let golden: Tensors;
  let ids: Int32Array;

  beforeAll(async () => {
    const content: unknown = JSON.parse(readFileSync(path.join(FIXTURES, name, 'config.json'), 'utf8'));
    config = parseDecoderConfig(content, `${name}/config.json`);
    weights = await tensorsOf(name, 'model.safetensors');
    golden = await tensorsOf(name, 'golden.safetensors');
    ids = Int32Array.from(take(golden, 'ids'));
  });

  it('has exactly the parameters that PyTorch has', () => {
    expect(
      parameterSpecs(config)
        .map((spec) => spec.name)
        .sort(),
    ).toEqual([...weights.keys()].sort());
  });

  it('scores as PyTorch does', async () => {
    const { session } = await createSession(
      scoringGraph(config, { weights: heldWeights(config, weights) }, SHAPE),
      { device: 'cpu' },
    );
    const logits = new Float32Array(take(golden, 'logits').length);
    await session.run({ [TENSOR.ids]: ids }, { [TENSOR.logits]: logits });
    await session.release();
    expect(relativeError(logits, take(golden, 'logits'))).toBeLessThan(TOLERANCE);
  });

  it.each(['cpu', 'portable'] as const)('has the gradients of PyTorch (%s kernels)', async (target) => {
    const rows = SHAPE.batch * SHAPE.length;
    const table = take(weights, EMBEDDING);
    const embeddings = new Float32Array(rows * config.hidden_size);
    gatherEmbeddings(table, config.hidden_size, ids, embeddings);
    const total = take(golden, 'weights').reduce((sum, weight) => sum + weight, 0);
    const inputs: Record<string, Float32Array> = {
      ...Object.fromEntries([...weights].filter(([parameter]) => parameter !== EMBEDDING)),
      [TENSOR.embeddings]: embeddings,
      [TENSOR.signs]: take(golden, 'labels').map((label) => (label === 1 ? 1 : -1)),
      [TENSOR.weights]: take(golden, 'weights').map((weight) => weight / total),
    };
    const slopes = Object.fromEntries(
      Object.entries(inputs)
        .filter(([source]) => source !== TENSOR.signs && source !== TENSOR.weights)
        .map(([source, values]) => [gradientName(source), new Float32Array(values.length)]),
    );
    const { session } = await createSession(trainingGraph(config, SHAPE, { ...FULL, target }), {
      device: 'cpu',
    });
    const loss = new Float32Array(1);
    await session.run(inputs, { loss, ...slopes });
    await session.release();

    expect(relativeError(loss, take(golden, 'loss'))).toBeLessThan(TOLERANCE);
    const embeddingGradient = new Float32Array(table.length);
    for (const [index, slope] of slopes[gradientName(TENSOR.embeddings)].entries()) {
      const row = ids[Math.floor(index / config.hidden_size)];
      embeddingGradient[row * config.hidden_size + (index % config.hidden_size)] += slope;
    }
    for (const { name: parameter } of parameterSpecs(config)) {
      const actual = parameter === EMBEDDING ? embeddingGradient : slopes[gradientName(parameter)];
      expect(relativeError(actual, take(golden, `gradient of ${parameter}`)), parameter).toBeLessThan(
        TOLERANCE,
      );
    }
  });
});
