// What a person means by a dataset: a file in the workspace, or a dataset of the Hub.
import { stat } from 'node:fs/promises';
import type { Workplace } from './workplace.ts';

/** `owner/name` or `owner/name@revision`, as the Hub writes it. */
const HUB_ID = /^[\w.-]+\/[\w.-]+(@[\w./-]+)?$/;

/** An absolute path, or a Hub id as it is: a path that exists wins, as on the command line. */
export async function resolveDataset(workplace: Workplace, given: string): Promise<string> {
  const file = workplace.resolvePath(given);
  const exists = (await stat(file).catch(() => undefined)) !== undefined;
  return !exists && HUB_ID.test(given) && !/\.(parquet|jsonl|json)$/.test(given) ? given : file;
}
