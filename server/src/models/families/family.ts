// A family: how a PRM's input is written and its score is read. One function writes it, for training and scoring alike.
import type { Tokenizer } from '../tokenizer.ts';

/** What a family reads: no labels, so that training and scoring cannot differ. */
export interface ReasoningPath {
  problem: string;
  steps: readonly string[];
}

/** A trace as model input. */
export interface EncodedPath {
  /** Token ids, [tokens]. */
  ids: Int32Array;
  /** Position in `ids` at which each step's score is read, [steps], strictly increasing. */
  scorePositions: Int32Array;
}

export interface Family {
  readonly name: string;
  /** Writes a path as model input. Scores are read by a head of 2 logits: softmax, class 1 = correct. */
  encode(path: ReasoningPath, tokenizer: Tokenizer): EncodedPath;
}
