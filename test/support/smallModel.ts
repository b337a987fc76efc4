// Model folders for tests: family mini, a decoder of a few thousand parameters with random weights.
import path from 'node:path';
import type { DecoderConfig } from '../../server/src/models/backbones/config.ts';
import { initialParameters } from '../../server/src/models/backbones/parameters.ts';
import { MINI_CONFIG } from '../../server/src/models/families/mini.ts';
import { heldWeights, writeModelFolder, type ModelDescription } from '../../server/src/models/modelFolder.ts';
import type { WholeModel } from '../../server/src/models/prmModel.ts';
import { assetPath } from '../../server/src/support/assets.ts';

export const SMALL_CONFIG: DecoderConfig = {
  ...MINI_CONFIG,
  hidden_size: 32,
  num_hidden_layers: 2,
  num_attention_heads: 2,
  num_key_value_heads: 1,
  head_dim: 16,
  intermediate_size: 64,
  max_position_embeddings: 512,
};

export const SMALL_DESCRIPTION: ModelDescription = {
  name: 'small',
  family: 'mini',
  stepSeparator: '<|step|>',
  threshold: 0.5,
  training: { dataset: 'none', seed: 1 },
  metrics: null,
};

/**
 * Random weights, so its scores mean nothing, but they differ from step to step: the head is made large.
 * @param seed another seed, another model
 */
export function smallModel(seed = 1, config = SMALL_CONFIG): WholeModel {
  const weights = initialParameters(config, seed);
  const head = weights.get('score.weight');
  if (head === undefined) throw new Error('A decoder without a head.');
  for (let index = 0; index < head.length; index++) head[index] = (head[index] ?? 0) * 10;
  return {
    kind: 'whole',
    config,
    weights: heldWeights(config, weights),
    tokenizerFile: assetPath('mini/tokenizer.json'),
    description: SMALL_DESCRIPTION,
  };
}

/** Writes a small model into `parent/name` and returns that folder. */
export async function writeSmallModel(parent: string, name = 'model', seed = 1): Promise<string> {
  const folder = path.join(parent, name);
  await writeModelFolder(folder, smallModel(seed));
  return folder;
}
