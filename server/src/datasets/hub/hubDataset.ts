// Finds the files of a dataset on the Hugging Face Hub, or in the cache that earlier downloads filled.
import { datasetInfo, HubApiError, listFiles } from '@huggingface/hub';
import {
  CancelledError,
  messageOf,
  PrmError,
  systemErrorCode,
  throwIfCancelled,
} from '../../support/errors.ts';
import { download } from './download.ts';
import { DatasetCache } from './hubCache.ts';
import { hubSettings, type HubSettings } from './hubSettings.ts';
import { allShards, trainingFiles } from './trainingFiles.ts';

export interface HubId {
  /** `owner/name` */
  id: string;
  /** Branch, tag or commit. */
  revision: string;
}

export interface HubFiles {
  id: string;
  /** The commit that was read. */
  revision: string;
  /** Local paths, in the dataset's order. */
  files: string[];
}

export interface HubHooks {
  signal?: AbortSignal | undefined;
  environment: NodeJS.ProcessEnv;
  /** Bytes of all files together. */
  onBytes?: ((done: number, total: number) => void) | undefined;
}

const LOCALLY = 'Download the Parquet or JSONL file on another machine and give its path as --dataset.';

/**
 * @returns local files of the training split, downloaded now or before
 * @throws PrmError where the Hub cannot be reached and the cache has nothing, or the dataset is missing or private
 */
export async function hubFiles(wanted: HubId, hooks: HubHooks): Promise<HubFiles> {
  const settings = await hubSettings(hooks.environment);
  const cache = new DatasetCache(settings.cache, wanted.id);
  if (settings.offline) {
    const cached = await fromCache(wanted, cache);
    if (cached !== undefined) return cached;
    const what = 'HF_HUB_OFFLINE is set, and the dataset is not in the cache';
    throw new PrmError({ where: shown(wanted), what: `${what} (${cache.folder})`, remedy: LOCALLY });
  }
  try {
    return await fromHub(wanted, cache, settings, hooks);
  } catch (error) {
    throwIfCancelled(hooks.signal);
    if (error instanceof PrmError || error instanceof CancelledError) throw error;
    const cached = isUnreachable(error) ? await fromCache(wanted, cache) : undefined;
    if (cached !== undefined) return cached;
    throw explained(error, wanted, settings);
  }
}

async function fromCache(wanted: HubId, cache: DatasetCache): Promise<HubFiles | undefined> {
  const commit = await cache.commitOf(wanted.revision);
  if (commit === undefined) return undefined;
  const files = trainingFiles(await cache.filesOf(commit));
  // Another tool may have downloaded a part only.
  if (files.length === 0 || !allShards(files)) return undefined;
  return { id: wanted.id, revision: commit, files: files.map((file) => cache.pathOf(commit, file)) };
}

async function fromHub(
  wanted: HubId,
  cache: DatasetCache,
  { endpoint, token }: HubSettings,
  { signal, onBytes }: HubHooks,
): Promise<HubFiles> {
  const request = {
    hubUrl: endpoint,
    fetch: (input: RequestInfo | URL, init?: RequestInit) =>
      fetch(input, { ...init, signal: signal ?? null }),
    ...(token !== undefined && { accessToken: token }),
  };
  const { sha } = await datasetInfo({
    name: wanted.id,
    revision: wanted.revision,
    additionalFields: ['sha'],
    ...request,
  });
  const entries = new Map<string, { bytes: number; etag: string; sha256: string | undefined }>();
  const repo = { type: 'dataset', name: wanted.id } as const;
  for await (const entry of listFiles({ repo, recursive: true, revision: sha, ...request })) {
    // Large files are named by the SHA-256 of their bytes, others by git's hash; so does the cache.
    const etag = entry.lfs?.oid ?? entry.oid;
    if (entry.type !== 'file' || etag === undefined) continue;
    entries.set(entry.path, { bytes: entry.lfs?.size ?? entry.size, etag, sha256: entry.lfs?.oid });
  }
  const chosen = trainingFiles([...entries.keys()].sort());
  if (chosen.length === 0) {
    const what = 'the dataset has no Parquet or JSONL file';
    throw new PrmError({
      where: shown(wanted),
      what,
      remedy: 'Convert it to Parquet or JSONL and give its path.',
    });
  }
  const cached = new Set(await cache.filesOf(sha));
  const total = chosen.reduce((sum, file) => sum + (entries.get(file)?.bytes ?? 0), 0);
  let finished = 0;
  for (const file of chosen) {
    const entry = entries.get(file);
    if (entry === undefined) continue;
    if (!cached.has(file)) {
      await download({
        url: `${endpoint}/datasets/${wanted.id}/resolve/${sha}/${file.split('/').map(encodeURIComponent).join('/')}`,
        target: cache.blob(entry.etag),
        token,
        signal,
        onBytes: (done) => onBytes?.(finished + done, total),
        ...entry,
      });
      await cache.link(sha, file, entry.etag);
    }
    finished += entry.bytes;
  }
  await cache.writeRef(wanted.revision, sha);
  return { id: wanted.id, revision: sha, files: chosen.map((file) => cache.pathOf(sha, file)) };
}

/** fetch reports every failure of the network as a TypeError with the reason as its cause. */
function isUnreachable(error: unknown): boolean {
  return error instanceof TypeError && error.cause !== undefined;
}

function explained(error: unknown, wanted: HubId, { endpoint, token }: HubSettings): unknown {
  const where = shown(wanted);
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
    const what = `the Hub answered with status ${statusCode}`;
    return new PrmError({ where, what, remedy: `Try again later. ${LOCALLY}`, cause: error });
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

function shown({ id, revision }: HubId): string {
  return revision === 'main' ? id : `${id}@${revision}`;
}
