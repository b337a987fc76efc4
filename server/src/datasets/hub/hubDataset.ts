// Finds the files of a dataset on the Hugging Face Hub, or in the cache that earlier downloads filled.
import { readFile } from 'node:fs/promises';
import { datasetInfo, HubApiError, listFiles } from '@huggingface/hub';
import {
  CancelledError,
  messageOf,
  PrmError,
  systemErrorCode,
  throwIfCancelled,
} from '../../support/errors.ts';
import { allShards, dataFiles, datasetParts, type DatasetPart } from './dataFiles.ts';
import { readCard, type CardConfig } from './datasetCard.ts';
import { download, type Checksum } from './download.ts';
import { DatasetCache } from './hubCache.ts';
import { shownHubId, type HubId } from './hubId.ts';
import { hubSettings, type HubSettings } from './hubSettings.ts';
import { patientFetch } from './patientFetch.ts';

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
  const cache = new DatasetCache(settings.cache, wanted.id);
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
    throw explained(error, wanted, settings);
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
  const cache = new DatasetCache(settings.cache, wanted.id);
  try {
    if (settings.offline) return await partsInCache(wanted, cache);
    const repository = await openRepository(wanted, cache, settings, hooks.signal);
    return datasetParts([...repository.entries.keys()].sort(), repository.card).map((part) => ({
      ...part,
      bytes: part.files.reduce((sum, file) => sum + (repository.entries.get(file)?.bytes ?? 0), 0),
    }));
  } catch (error) {
    throwIfCancelled(hooks.signal);
    const cached = isUnreachable(error) ? await partsInCache(wanted, cache) : [];
    if (cached.length > 0) return cached;
    throw explained(error, wanted, settings);
  }
}

async function partsInCache({ revision }: HubId, cache: DatasetCache): Promise<HubPart[]> {
  const commit = await cache.commitOf(revision);
  if (commit === undefined) return [];
  const there = await cache.filesOf(commit);
  return datasetParts([...there.keys()], await readCachedCard(cache, commit)).map((part) => ({
    ...part,
    bytes: part.files.reduce((sum, file) => sum + (there.get(file) ?? 0), 0),
  }));
}

async function fromCache(wanted: HubId, cache: DatasetCache): Promise<HubFiles | undefined> {
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

async function readCachedCard(cache: DatasetCache, commit: string): Promise<CardConfig[] | undefined> {
  if (!(await cache.filesOf(commit)).has(CARD)) return undefined;
  return readCard(await readFile(cache.pathOf(commit, CARD), 'utf8'));
}

interface Entry {
  bytes: number;
  checksum: Checksum;
}

/** A dataset on the Hub at one commit: its files, its card, and how to get one of them. */
interface Repository {
  commit: string;
  entries: ReadonlyMap<string, Entry>;
  card: CardConfig[] | undefined;
  /** Files of this commit that were on this machine before. */
  before: ReadonlyMap<string, number>;
  fetchFile: (file: string, onDone: (bytes: number) => void) => Promise<void>;
}

async function openRepository(
  wanted: HubId,
  cache: DatasetCache,
  settings: HubSettings,
  signal: AbortSignal | undefined,
): Promise<Repository> {
  const { commit, entries } = await listEntries(wanted, settings, signal);
  const before = await cache.filesOf(commit);
  const fetchFile = async (file: string, onDone: (bytes: number) => void): Promise<void> => {
    const entry = entries.get(file);
    if (entry === undefined || before.has(file)) return;
    await download({
      url: `${settings.endpoint}/datasets/${wanted.id}/resolve/${commit}/${file.split('/').map(encodeURIComponent).join('/')}`,
      target: cache.blob(entry.checksum.hash),
      token: settings.token,
      signal,
      onBytes: onDone,
      ...entry,
    });
    await cache.link(commit, file, entry.checksum.hash);
  };
  await fetchFile(CARD, () => undefined);
  return { commit, entries, before, fetchFile, card: await readCachedCard(cache, commit) };
}

async function fromHub(
  wanted: HubId,
  cache: DatasetCache,
  settings: HubSettings,
  { signal, onBytes }: HubHooks,
): Promise<HubFiles> {
  const { commit, entries, card, before, fetchFile } = await openRepository(wanted, cache, settings, signal);
  const chosen = dataFiles([...entries.keys()].sort(), card, wanted);
  if (chosen.length === 0) {
    throw new PrmError({
      where: shownHubId(wanted),
      what: 'the dataset has no Parquet, JSONL or JSON file',
      remedy: 'Convert it to Parquet or JSONL and give its path.',
    });
  }
  const bytes = chosen.reduce((sum, file) => sum + (entries.get(file)?.bytes ?? 0), 0);
  let finished = 0;
  for (const file of chosen) {
    await fetchFile(file, (done) => onBytes?.(finished + done, bytes));
    finished += entries.get(file)?.bytes ?? 0;
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

async function listEntries(
  { id, revision }: HubId,
  { endpoint, token }: HubSettings,
  signal: AbortSignal | undefined,
): Promise<{ commit: string; entries: Map<string, Entry> }> {
  const request = {
    hubUrl: endpoint,
    fetch: (input: RequestInfo | URL, init?: RequestInit) =>
      patientFetch(input, { ...init, signal: signal ?? null }),
    ...(token !== undefined && { accessToken: token }),
  };
  const { sha: commit } = await datasetInfo({ name: id, revision, additionalFields: ['sha'], ...request });
  const entries = new Map<string, Entry>();
  const repo = { type: 'dataset', name: id } as const;
  for await (const entry of listFiles({ repo, recursive: true, revision: commit, ...request })) {
    const { lfs, oid, size } = entry;
    if (entry.type !== 'file' || oid === undefined) continue;
    // Large files are named by the SHA-256 of their bytes, others by git's hash; so does the cache.
    entries.set(
      entry.path,
      lfs === undefined
        ? { bytes: size, checksum: { kind: 'git', hash: oid } }
        : { bytes: lfs.size, checksum: { kind: 'lfs', hash: lfs.oid } },
    );
  }
  return { commit, entries };
}

/** fetch reports every failure of the network as a TypeError with the reason as its cause. */
function isUnreachable(error: unknown): boolean {
  return error instanceof TypeError && error.cause !== undefined;
}

function explained(error: unknown, wanted: HubId, { endpoint, token }: HubSettings): unknown {
  if (error instanceof PrmError || error instanceof CancelledError) return error;
  const where = shownHubId(wanted);
  if (error instanceof HubApiError) {
    const { statusCode } = error;
    if (statusCode === 401 || statusCode === 403 || statusCode === 404) {
      // Without a token the Hub answers 401 for what does not exist too.
      return new PrmError({
        where,
        what: `the Hub has no such dataset or revision, or it is private or gated (status ${statusCode})`,
        remedy:
          token === undefined
            ? 'Check the id; for a private or gated dataset set HF_TOKEN. A local file is given by its path.'
            : 'Check the id, and that the token in HF_TOKEN may read it. A local file is given by its path.',
        cause: error,
      });
    }
    const busy = statusCode === 429 ? ', too many requests' : '';
    const remedy =
      statusCode === 429
        ? `Try again in a few minutes; with a token in HF_TOKEN the Hub allows more. ${LOCALLY}`
        : `Try again later. ${LOCALLY}`;
    const what = `the Hub answered with status ${statusCode}${busy}`;
    return new PrmError({ where, what, remedy, cause: error });
  }
  if (isUnreachable(error)) {
    const cause = (error as TypeError).cause;
    const what = `the Hub cannot be reached at ${endpoint} (${systemErrorCode(cause) ?? messageOf(cause)})`;
    return new PrmError({ where, what, remedy: LOCALLY, cause: error });
  }
  if (error instanceof TypeError) {
    return new PrmError({
      where: 'HF_TOKEN',
      what: messageOf(error),
      remedy: 'Correct or unset it.',
      cause: error,
    });
  }
  if (systemErrorCode(error) === undefined) {
    return new PrmError({
      where,
      what: messageOf(error),
      remedy: 'Run the command again to go on.',
      cause: error,
    });
  }
  return error;
}
