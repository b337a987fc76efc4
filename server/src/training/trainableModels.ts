// Models that `prm train` can start from: our own by name, language models by their folder or their name on the Hub.
import { elementCount } from '../graph/shape.ts';
import { openBackbone } from '../models/backbones/backboneFolder.ts';
import type { DecoderConfig } from '../models/backbones/config.ts';
import { trainedSpecs, type TrainingMethod } from '../models/backbones/method.ts';
import { initialParameters, parameterSpecs } from '../models/backbones/parameters.ts';
import type { Weights } from '../models/backbones/weight.ts';
import { familyOf } from '../models/families/index.ts';
import type { Family } from '../models/families/family.ts';
import { MINI_CONFIG } from '../models/families/mini.ts';
import type { BaseModel } from '../models/prmModel.ts';
import { TRL_SEPARATOR } from '../models/families/trl.ts';
import { assetPath } from '../support/assets.ts';

export interface TrainableModel {
  family: Family;
  config: DecoderConfig;
  /** What the family writes behind each step; for people and other programs. */
  stepSeparator: string;
  /** Path of its `tokenizer.json`. */
  tokenizerFile: () => string;
  /** The weights that training starts from, by Hugging Face name; the seed draws those that the model lacks. */
  weights: (seed: number) => Promise<Weights>;
  /** Undefined for a model that is trained from nothing. */
  base: BaseModel | undefined;
}

/** Family `mini`, trained from nothing. @param config smaller ones are for tests */
export function miniModel(config = MINI_CONFIG): TrainableModel {
  return {
    family: familyOf('mini'),
    config,
    stepSeparator: '<|step|>',
    tokenizerFile: () => assetPath('mini/tokenizer.json'),
    weights: (seed) => {
      const values = initialParameters(config, seed);
      const held = parameterSpecs(config).map(
        ({ name, dims }) => [name, { dims, values: values.get(name) ?? new Float32Array() }] as const,
      );
      return Promise.resolve(new Map(held));
    },
    base: undefined,
  };
}

/**
 * A language model, fine-tuned as TRL's PRMTrainer does it.
 * @throws PrmError where the folder is not whole or not supported
 */
export async function languageModel(base: BaseModel): Promise<TrainableModel> {
  const { config, tokenizerFile, weights } = await openBackbone(base.folder);
  return {
    family: familyOf('trl'),
    config,
    stepSeparator: TRL_SEPARATOR,
    tokenizerFile: () => tokenizerFile,
    weights,
    base,
  };
}

/** Numbers that a method trains. */
export function trainedCount(config: DecoderConfig, method: TrainingMethod): number {
  return trainedSpecs(config, method).reduce((sum, { dims }) => sum + elementCount(dims), 0);
}
