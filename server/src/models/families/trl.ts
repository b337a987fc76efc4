// Family `trl`: any language model with a token-classification head, written as TRL's PRMTrainer writes it.
// https://huggingface.co/docs/trl/prm_trainer
import type { Tokenizer } from '../tokenizer.ts';
import type { EncodedPath, Family, ReasoningPath } from './family.ts';
import { cleanStep } from './stepText.ts';

/** PRMTrainer's default. */
export const TRL_SEPARATOR = '\n';

/**
 * `{problem}{step}\n{step}\n…`: problem, steps and separators are tokenised each on its own, with no separator behind the
 * problem, and with the tokens before it that the tokenizer puts before every text. A score is read at the last token
 * of the separator behind its step.
 */
export const trl: Family = {
  name: 'trl',
  encode(path: ReasoningPath, tokenizer: Tokenizer): EncodedPath {
    const separator = tokenizer.encode(TRL_SEPARATOR);
    const ids = [...tokenizer.beginning];
    const append = (more: readonly number[]): void => {
      for (const id of more) ids.push(id);
    };
    append(tokenizer.encode(path.problem.trim()));
    const scorePositions = new Int32Array(path.steps.length);
    for (const [index, step] of path.steps.entries()) {
      append(tokenizer.encode(cleanStep(step)));
      append(separator);
      scorePositions[index] = ids.length - 1;
    }
    return { ids: Int32Array.from(ids), scorePositions };
  },
};
