// What makes a PRM: a whole decoder with its head, or an adapter and a head over a base model that lies elsewhere.
import type { DecoderConfig } from './backbones/config.ts';
import type { LoraSettings } from './backbones/method.ts';
import { parameterSpecs } from './backbones/parameters.ts';
import type { Weights } from './backbones/weight.ts';
import type { ModelDescription } from './modelFiles.ts';
import type { Tokenizer } from './tokenizer.ts';

/** The language model under an adapter. */
export interface BaseModel {
  /** As it was given for training: a folder, or an id of the Hugging Face Hub. */
  name: string;
  /** Where it lies now. */
  folder: string;
  /** Of a model of the Hub. */
  revision?: string;
}

interface CommonParts {
  config: DecoderConfig;
  /** A `tokenizer.json`; copied into the folder when the model is written, with the files that belong to it. */
  tokenizerFile: string;
  description: ModelDescription;
  /** Added to the logits of every position: heads that were trained elsewhere have it, ours do not. */
  headBias?: HeadBias;
}

export type HeadBias = readonly [incorrect: number, correct: number];

export interface WholeModel extends CommonParts {
  kind: 'whole';
  /** Every parameter of the decoder and its head. */
  weights: Weights;
}

export interface AdapterModel extends CommonParts {
  kind: 'adapter';
  base: BaseModel;
  /** Undefined where the head alone was trained. */
  settings: LoraSettings | undefined;
  /** What was trained: the adapter's factors, as `loraName` calls them, and `score.weight`. */
  tensors: ReadonlyMap<string, Float32Array>;
}

export type PrmModel = WholeModel | AdapterModel;

/** What a model that was read adds, of either kind. */
export interface StoredParts {
  folder: string;
  tokenizer: Tokenizer;
  /** Every parameter of the decoder and its head; of an adapter the base's, and its own head. */
  weights: Weights;
  /** sha256, hexadecimal: what the model's scores depend on. */
  weightsSha256: string;
}

/** A PRM as it was read from its folder. */
export type StoredPrmModel = PrmModel & StoredParts;

/**
 * All parameters of a decoder as weights in memory.
 * @param values by name
 * @throws RangeError where one is missing: a mistake of the caller
 */
export function heldWeights(config: DecoderConfig, values: ReadonlyMap<string, Float32Array>): Weights {
  return new Map(
    parameterSpecs(config).map(({ name, dims }) => {
      const held = values.get(name);
      if (held === undefined) throw new RangeError(`The model has no parameter ${name}.`);
      return [name, { dims, values: held }];
    }),
  );
}
