// Finds the files of a dataset on the Hugging Face Hub, or in the cache that earlier downloads filled.
import { readFile } from 'node:fs/promises';
import { PrmError, throwIfCancelled } from '../../support/errors.ts';
import { RepositoryCache } from '../../support/hub/hubCache.ts';
import { hubFailure, isUnreachable, type Asked } from '../../support/hub/hubErrors.ts';
import { hubSettings, type HubSettings } from '../../support/hub/hubSettings.ts';
import { openRepository, type Repository } from '../../support/hub/repository.ts';
import { allShards, dataFiles, datasetParts, type DatasetPart } from './dataFiles.ts';
import { readCard, type CardConfig } from './datasetCard.ts';
import { shownHubId, type HubId } from './hubId.ts';

export interface HubFiles {
  id: string;
  /** The commit that was read. */
  revision: string;
  /** Local paths, in the dataset's order. */
  files: string[];
  /** Of these files together. */
  bytes: number;
  /** Whether all of them were on this machine before. */
  cached: boolean;
}

export interface HubHooks {
  signal?: AbortSignal | undefined;
  environment: NodeJS.ProcessEnv;
  /** Bytes of all files together. */
  onBytes?: ((done: number, total: number) => void) | undefined;
}

const LOCALLY = 'Download the Parquet or JSONL file on another machine and give its path as --dataset.';

function asked(wanted: HubId): Asked {
  return { where: shownHubId(wanted), kind: 'dataset', locally: LOCALLY };
}

/** The dataset card: it may say which files are which split. */
const CARD = 'README.md';

/**
 * @returns local files of the configuration and split asked for (the training split where none is), downloaded now or
 *   before
 * @throws PrmError where the Hub cannot be reached and the cache has nothing, the dataset is missing or private, or a
 *   configuration or split has to be chosen
 */
export async function hubFiles(wanted: HubId, hooks: HubHooks): Promise<HubFiles> {
  const settings = await hubSettings(hooks.environment);
  const cache = new RepositoryCache(settings.cache, 'dataset', wanted.id);
  if (settings.offline) {
    const cached = await fromCache(wanted, cache);
    if (cached !== undefined) return cached;
    const what = 'HF_HUB_OFFLINE is set, and the dataset is not in the cache';
    throw new PrmError({ where: shownHubId(wanted), what: `${what} (${cache.folder})`, remedy: LOCALLY });
  }
  try {
    return await fromHub(wanted, cache, settings, hooks);
  } catch (error) {
    throwIfCancelled(hooks.signal);
    const cached = isUnreachable(error) ? await fromCache(wanted, cache) : undefined;
    if (cached !== undefined) return cached;
    throw hubFailure(error, asked(wanted), settings);
  }
}

/** A split of a dataset as the Hub lists it. */
interface HubPart extends DatasetPart {
  /** Of its files together. */
  bytes: number;
}

/**
 * What a dataset consists of; nothing but its card is downloaded. Without a connection, what the cache has.
 * @throws PrmError as `hubFiles`
 */
export async function hubParts(wanted: HubId, hooks: Omit<HubHooks, 'onBytes'>): Promise<HubPart[]> {
  const settings = await hubSettings(hooks.environment);
  const cache = new RepositoryCache(settings.cache, 'dataset', wanted.id);
  try {
    if (settings.offline) return await partsInCache(wanted, cache);
    const repository = await openDataset(wanted, cache, settings, hooks.signal);
    return datasetParts([...repository.files.keys()].sort(), repository.card).map((part) => ({
      ...part,
      bytes: part.files.reduce((sum, file) => sum + (repository.files.get(file)?.bytes ?? 0), 0),
    }));
  } catch (error) {
    throwIfCancelled(hooks.signal);
    const cached = isUnreachable(error) ? await partsInCache(wanted, cache) : [];
    if (cached.length > 0) return cached;
    throw hubFailure(error, asked(wanted), settings);
  }
}

async function partsInCache({ revision }: HubId, cache: RepositoryCache): Promise<HubPart[]> {
  const commit = await cache.commitOf(revision);
  if (commit === undefined) return [];
  const there = await cache.filesOf(commit);
  return datasetParts([...there.keys()], await readCachedCard(cache, commit)).map((part) => ({
    ...part,
    bytes: part.files.reduce((sum, file) => sum + (there.get(file) ?? 0), 0),
  }));
}

async function fromCache(wanted: HubId, cache: RepositoryCache): Promise<HubFiles | undefined> {
  const commit = await cache.commitOf(wanted.revision);
  if (commit === undefined) return undefined;
  const there = await cache.filesOf(commit);
  const files = dataFiles([...there.keys()], await readCachedCard(cache, commit), wanted);
  // Another tool may have downloaded a part only.
  if (files.length === 0 || !allShards(files)) return undefined;
  return {
    id: wanted.id,
    revision: commit,
    files: files.map((file) => cache.pathOf(commit, file)),
    bytes: files.reduce((sum, file) => sum + (there.get(file) ?? 0), 0),
    cached: true,
  };
}

async function readCachedCard(cache: RepositoryCache, commit: string): Promise<CardConfig[] | undefined> {
  if (!(await cache.filesOf(commit)).has(CARD)) return undefined;
  return readCard(await readFile(cache.pathOf(commit, CARD), 'utf8'));
}

/** The repository with what its card says of configurations and splits. */
async function openDataset(
  wanted: HubId,
  cache: RepositoryCache,
  settings: HubSettings,
  signal: AbortSignal | undefined,
): Promise<Repository & { card: CardConfig[] | undefined }> {
  const repository = await openRepository({ kind: 'dataset', ...wanted }, cache, settings, signal);
  await repository.fetchFile(CARD, () => undefined);
  return { ...repository, card: await readCachedCard(cache, repository.commit) };
}

async function fromHub(
  wanted: HubId,
  cache: RepositoryCache,
  settings: HubSettings,
  { signal, onBytes }: HubHooks,
): Promise<HubFiles> {
  const { commit, files, card, before, fetchFile } = await openDataset(wanted, cache, settings, signal);
  const chosen = dataFiles([...files.keys()].sort(), card, wanted);
  if (chosen.length === 0) {
    throw new PrmError({
      where: shownHubId(wanted),
      what: 'the dataset has no Parquet, JSONL or JSON file',
      remedy: 'Convert it to Parquet or JSONL and give its path.',
    });
  }
  const bytes = chosen.reduce((sum, file) => sum + (files.get(file)?.bytes ?? 0), 0);
  let finished = 0;
  for (const file of chosen) {
    await fetchFile(file, (done) => onBytes?.(finished + done, bytes));
    finished += files.get(file)?.bytes ?? 0;
  }
  await cache.writeRef(wanted.revision, commit);
  return {
    id: wanted.id,
    revision: commit,
    files: chosen.map((file) => cache.pathOf(commit, file)),
    bytes,
    cached: chosen.every((file) => before.has(file)),
  };
}
