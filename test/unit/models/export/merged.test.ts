// An adapter beside its base model and the merged model are the same function, in every architecture.
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseDecoderConfig, type DecoderConfig } from '../../../../server/src/models/backbones/config.ts';
import { scoringGraph, TENSOR, type ScoredWeights } from '../../../../server/src/models/backbones/graphs.ts';
import { LORA_TARGETS, trainedSpecs } from '../../../../server/src/models/backbones/method.ts';
import { parameterSpecs } from '../../../../server/src/models/backbones/parameters.ts';
import type { Weights } from '../../../../server/src/models/backbones/weight.ts';
import { mergedTensors } from '../../../../server/src/models/export/merged.ts';
import type { StoredPrmModel } from '../../../../server/src/models/modelFolder.ts';
import { createSession } from '../../../../server/src/models/runtime.ts';
import { readSafetensors, toFloat32 } from '../../../../server/src/models/safetensors.ts';
import { loadTokenizer } from '../../../../server/src/models/tokenizer.ts';
import { seededRandom } from '../../../../server/src/support/random.ts';
import { SMALL_DESCRIPTION } from '../../../support/smallModel.ts';

const FIXTURES = path.resolve(import.meta.dirname, '../../../fixtures');
const LENGTH = 12;
const SETTINGS = { rank: 3, alpha: 12, dropout: 0.1, targets: LORA_TARGETS };

async function randomAdapter(name: string): Promise<Extract<StoredPrmModel, { kind: 'adapter' }>> {
  const folder = path.join(FIXTURES, 'decoders', name);
  const file = path.join(folder, 'config.json');
  const config = parseDecoderConfig(JSON.parse(await readFile(file, 'utf8')), file);
  const { tensors: stored } = await readSafetensors(path.join(folder, 'model.safetensors'));
  const random = seededRandom(5);
  const tensors = new Map(
    trainedSpecs(config, { kind: 'lora', ...SETTINGS }).map(({ name: tensor, dims }) => {
      const size = dims.reduce((product, dim) => product * dim, 1);
      return [tensor, Float32Array.from({ length: size }, () => random.normal() * 0.3)];
    }),
  );
  const weights = new Map(
    [...stored].map(([tensor, { dims, ...rest }]) => [
      tensor,
      { dims, values: tensors.get(tensor) ?? toFloat32({ dims, ...rest }) },
    ]),
  );
  const tokenizerFile = path.join(FIXTURES, 'backbone/tokenizer.json');
  return {
    kind: 'adapter',
    folder,
    config,
    base: { name, folder },
    settings: SETTINGS,
    tensors,
    weights,
    tokenizerFile,
    tokenizer: loadTokenizer(tokenizerFile),
    description: SMALL_DESCRIPTION,
    weightsSha256: '',
  };
}

async function logitsOf(config: DecoderConfig, weights: ScoredWeights): Promise<Float32Array> {
  const graph = scoringGraph(config, weights, { batch: 1, length: LENGTH }, { target: 'cpu' });
  const { session } = await createSession(graph, { device: 'cpu', threads: 1 });
  const logits = new Float32Array(2 * LENGTH);
  const ids = Int32Array.from({ length: LENGTH }, (_, index) => (7 * index + 3) % config.vocab_size);
  await session.run({ [TENSOR.ids]: ids }, { [TENSOR.logits]: logits });
  await session.release();
  return logits;
}

function largestDifference(a: Float32Array, b: Float32Array): number {
  return a.reduce((most, value, index) => Math.max(most, Math.abs(value - (b[index] ?? NaN))), 0);
}

describe('a merged model', () => {
  it.each(['qwen3', 'qwen2', 'llama', 'llama-biased', 'mistral'])(
    'gives the logits of its base with the adapter beside it: %s',
    async (name) => {
      const model = await randomAdapter(name);
      const { config, weights, tensors } = model;
      const beside = await logitsOf(config, { weights, lora: { settings: SETTINGS, tensors } });
      const merged: Weights = new Map(
        await Promise.all(
          mergedTensors(model, 'F32').map(async (source) => {
            const bytes = await source.bytes();
            const values = new Float32Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 4);
            return [source.name, { dims: source.dims, values }] as const;
          }),
        ),
      );
      expect([...merged.keys()]).toEqual([...parameterSpecs(config).map((spec) => spec.name), 'score.bias']);
      expect(largestDifference(await logitsOf(config, { weights: merged }), beside)).toBeLessThan(1e-4);
      // The adapter does something, and merging left the weights that it was given as they were.
      expect(largestDifference(await logitsOf(config, { weights }), beside)).toBeGreaterThan(0.1);
    },
  );
});
