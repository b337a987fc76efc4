// The files of a tokenizer, copied from one model folder to another.
import { copyFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { exists } from './folderWriting.ts';
import { jsonText, TOKENIZER_FILE } from './modelFiles.ts';

const TOKENIZER_CONFIG_FILE = 'tokenizer_config.json';

/** What transformers reads beside `tokenizer.json`, where a model has it. */
const COMPANIONS = [
  TOKENIZER_CONFIG_FILE,
  'special_tokens_map.json',
  'added_tokens.json',
  'chat_template.jinja',
];

/** Copies `tokenizer.json` and what lies beside it. @param tokenizerFile a `tokenizer.json` */
export async function copyTokenizer(tokenizerFile: string, folder: string): Promise<void> {
  await copyFile(tokenizerFile, path.join(folder, TOKENIZER_FILE));
  for (const name of COMPANIONS) {
    const file = path.join(path.dirname(tokenizerFile), name);
    if (await exists(file)) await copyFile(file, path.join(folder, name));
    else if (name === TOKENIZER_CONFIG_FILE) {
      // Without it, transformers guesses a class by the architecture.
      await writeFile(path.join(folder, name), jsonText({ tokenizer_class: 'PreTrainedTokenizerFast' }));
    }
  }
}
