// Tokenizer of a model folder: `tokenizer.json` read by @huggingface/tokenizers.

export interface Tokenizer {
  /** Number of entries; ids are below it. */
  readonly vocabularySize: number;
  /** Ids of a text, without special tokens added around it. */
  encode(text: string): number[];
  /** Id of one exact token, undefined where there is none. */
  idOf(token: string): number | undefined;
}
