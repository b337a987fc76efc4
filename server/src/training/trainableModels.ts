// Models that `prm train` can start from: our own by name, language models by their folder.
import { stat } from 'node:fs/promises';
import { openBackbone } from '../models/backbones/backboneFolder.ts';
import type { DecoderConfig } from '../models/backbones/config.ts';
import { initialParameters } from '../models/backbones/parameters.ts';
import { familyOf } from '../models/families/index.ts';
import type { Family } from '../models/families/family.ts';
import { MINI_CONFIG } from '../models/families/mini.ts';
import { TRL_SEPARATOR } from '../models/families/trl.ts';
import { assetPath } from '../support/assets.ts';
import { PrmError } from '../support/errors.ts';

export interface TrainableModel {
  family: Family;
  config: DecoderConfig;
  /** What the family writes behind each step; for people and other programs. */
  stepSeparator: string;
  /** Path of its `tokenizer.json`. */
  tokenizerFile: () => string;
  /** The weights that training starts from, by Hugging Face name. */
  parameters: (seed: number) => Promise<ReadonlyMap<string, Float32Array>>;
}

/** Family `mini`, trained from nothing. @param config smaller ones are for tests */
export function miniModel(config = MINI_CONFIG): TrainableModel {
  return {
    family: familyOf('mini'),
    config,
    stepSeparator: '<|step|>',
    tokenizerFile: () => assetPath('mini/tokenizer.json'),
    parameters: (seed) => Promise.resolve(initialParameters(config, seed)),
  };
}

/**
 * A language model, fine-tuned as TRL's PRMTrainer does it.
 * @param name the folder of a model as Hugging Face stores it
 * @throws PrmError where it is none, or the folder is not whole or not supported
 */
export async function languageModel(name: string): Promise<TrainableModel> {
  const isFolder = await stat(name).then(
    (stats) => stats.isDirectory(),
    () => false,
  );
  if (!isFolder) {
    throw new PrmError({
      what: `--model_name: there is no model "${name}"`,
      remedy:
        'Give mini, or the folder of a language model as Hugging Face stores it. Models are not fetched from the Hub in this version.',
    });
  }
  const { config, tokenizerFile, readWeights } = await openBackbone(name);
  return {
    family: familyOf('trl'),
    config,
    stepSeparator: TRL_SEPARATOR,
    tokenizerFile: () => tokenizerFile,
    parameters: readWeights,
  };
}
