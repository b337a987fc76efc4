// Models that `prm train` can start from, by name. A new one is one entry here.
import type { DecoderConfig } from '../models/backbones/config.ts';
import { familyOf } from '../models/families/index.ts';
import type { Family } from '../models/families/family.ts';
import { MINI_CONFIG } from '../models/families/mini.ts';
import { assetPath } from '../support/assets.ts';
import { PrmError } from '../support/errors.ts';

export interface TrainableModel {
  family: Family;
  config: DecoderConfig;
  /** What the family writes behind each step; for people and other programs. */
  stepSeparator: string;
  /** Path of its `tokenizer.json`. */
  tokenizerFile: () => string;
}

const TRAINABLE_MODELS: Readonly<Record<string, TrainableModel>> = {
  mini: {
    family: familyOf('mini'),
    config: MINI_CONFIG,
    stepSeparator: '<|step|>',
    tokenizerFile: () => assetPath('mini/tokenizer.json'),
  },
};

/** @throws PrmError listing the names that are known */
export function trainableModel(name: string): TrainableModel {
  const model = Object.hasOwn(TRAINABLE_MODELS, name) ? TRAINABLE_MODELS[name] : undefined;
  if (model !== undefined) return model;
  throw new PrmError({
    what: `--model_name: there is no model "${name}"`,
    remedy: `Known: ${Object.keys(TRAINABLE_MODELS).join(', ')}. Training from a Hugging Face model folder is not part of this version.`,
  });
}
