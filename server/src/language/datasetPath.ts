// What a person means by a dataset: a file in the workspace, or a dataset of the Hub.
import { stat } from 'node:fs/promises';
import { readHubId } from '../datasets/hub/hubId.ts';
import type { Workplace } from './workplace.ts';

/** An absolute path, or a Hub id as it is: a path that exists wins, as on the command line. */
export async function resolveDataset(workplace: Workplace, given: string): Promise<string> {
  const file = workplace.resolvePath(given);
  const exists = (await stat(file).catch(() => undefined)) !== undefined;
  return !exists && readHubId(given) !== undefined ? given : file;
}
