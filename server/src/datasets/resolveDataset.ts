// What `--dataset` means: a local file wherever one is there, a dataset of the Hub otherwise.
import { stat } from 'node:fs/promises';
import path from 'node:path';
import { PrmError, systemErrorCode } from '../support/errors.ts';
import type { HubHooks, HubId } from './hub/hubDataset.ts';

export interface ResolvedDataset {
  /** Local paths. */
  files: string[];
  /** Set for a dataset of the Hub; the revision is a commit. */
  hub?: { id: string; revision: string };
}

/**
 * @param dataset a path, or `owner/name[@revision]`
 * @throws PrmError where it is neither, or cannot be had
 */
export async function resolveDataset(dataset: string, hooks: HubHooks): Promise<ResolvedDataset> {
  if (await isThere(dataset)) return { files: [dataset] };
  const wanted = readHubId(dataset);
  if (wanted === undefined) {
    throw new PrmError({
      where: dataset,
      what: 'there is no such file',
      remedy: 'Check the path, or give a dataset of the Hub as owner/name.',
    });
  }
  const { hubFiles } = await import('./hub/hubDataset.ts');
  const { files, id, revision } = await hubFiles(wanted, hooks);
  return { files, hub: { id, revision } };
}

const DATA_EXTENSIONS = ['.parquet', '.jsonl', '.ndjson', '.json', '.csv', '.gz', '.txt'];

/** @returns undefined where the text is a path */
export function readHubId(text: string): HubId | undefined {
  if (DATA_EXTENSIONS.includes(path.extname(text).toLowerCase())) return undefined;
  const match = /^(?<id>[A-Za-z0-9][\w.-]*\/[A-Za-z0-9][\w.-]*)(?:@(?<revision>[\w./-]+))?$/.exec(text);
  const { id, revision = 'main' } = match?.groups ?? {};
  return id === undefined ? undefined : { id, revision };
}

async function isThere(file: string): Promise<boolean> {
  try {
    await stat(file);
    return true;
  } catch (error) {
    if (['ENOENT', 'ENOTDIR', 'ENAMETOOLONG', 'EINVAL'].includes(systemErrorCode(error) ?? '')) return false;
    throw error;
  }
}
