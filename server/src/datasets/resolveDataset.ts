// What `--dataset` means: a local file wherever one is there, a dataset of the Hub otherwise.
import { stat } from 'node:fs/promises';
import { PrmError, systemErrorCode } from '../support/errors.ts';
import type { HubHooks } from './hub/hubDataset.ts';
import { readHubId } from './hub/hubId.ts';

export interface ResolvedDataset {
  /** Local paths. */
  files: string[];
  /** Set for a dataset of the Hub; the revision is a commit. */
  hub?: { id: string; revision: string };
}

/**
 * @param dataset a path, or `owner/name[@revision][:config/split]`
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

async function isThere(file: string): Promise<boolean> {
  try {
    await stat(file);
    return true;
  } catch (error) {
    if (['ENOENT', 'ENOTDIR', 'ENAMETOOLONG', 'EINVAL'].includes(systemErrorCode(error) ?? '')) return false;
    throw error;
  }
}
