// A model of the Hugging Face Hub as a folder: from the cache that all Hub tools share, or downloaded into it.
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { HubApiError } from '@huggingface/hub';
import { messageOf, PrmError, throwIfCancelled } from '../../support/errors.ts';
import { checkFreeDisk } from '../../support/hub/freeDisk.ts';
import { RepositoryCache } from '../../support/hub/hubCache.ts';
import { hubFailure, isUnreachable, type Asked } from '../../support/hub/hubErrors.ts';
import { hubSettings, type HubSettings } from '../../support/hub/hubSettings.ts';
import { openRepository, type Repository } from '../../support/hub/repository.ts';
import { parseDecoderConfig } from '../backbones/config.ts';
import { CONFIG_FILE, INDEX_FILE, isSharded, settingsFiles, weightFiles } from './modelFiles.ts';
import { shownModelName, similarModel, type ModelName } from './modelName.ts';

export interface ModelHooks {
  signal?: AbortSignal | undefined;
  environment: NodeJS.ProcessEnv;
  /** Bytes of all files that are here, and of all files. */
  onDownload?: ((done: number, total: number) => void) | undefined;
}

export interface HubModel {
  /** Snapshot folder of the commit. */
  folder: string;
  /** The commit. */
  revision: string;
  /** Sentences for the person, such as why another copy was taken than asked for. */
  notes: string[];
}

const COMMIT = /^[0-9a-f]{40}$/;
const LOCALLY = 'Copy the folder of the model from another machine and give its path as --model_name.';

/**
 * @throws PrmError where the model is missing, gated, of a form or architecture that does not run here, or larger than the
 *   disk; where the Hub cannot be reached and the cache lacks it
 */
export async function hubModel(wanted: ModelName, hooks: ModelHooks): Promise<HubModel> {
  const settings = await hubSettings(hooks.environment);
  const cache = new RepositoryCache(settings.cache, 'model', wanted.id);
  if (settings.offline || COMMIT.test(wanted.revision)) {
    const cached = await fromCache(wanted, cache);
    if ('folder' in cached) return cached;
    if (settings.offline) {
      throw new PrmError({
        where: shownModelName(wanted),
        what: `HF_HUB_OFFLINE is set, and the cache ${cached.lack} (${cache.folder})`,
        remedy: LOCALLY,
      });
    }
  }
  try {
    return await fromHub(wanted, cache, settings, hooks);
  } catch (error) {
    throwIfCancelled(hooks.signal);
    const reason = unavailable(error);
    const cached = reason === undefined ? undefined : await fromCache(wanted, cache);
    if (cached !== undefined && 'folder' in cached) {
      return { ...cached, notes: [`${reason}: the copy of ${shownModelName(wanted)} in the cache is used.`] };
    }
    throw hubFailure(error, asked(wanted), settings);
  }
}

/** @returns why nothing can be had from the Hub now, undefined where the reason will not pass */
function unavailable(error: unknown): string | undefined {
  if (isUnreachable(error)) return 'The Hub cannot be reached';
  if (!(error instanceof HubApiError) || (error.statusCode !== 429 && error.statusCode < 500))
    return undefined;
  return `The Hub answered with status ${error.statusCode}`;
}

function asked(wanted: ModelName): Asked {
  const similar = similarModel(wanted.id);
  return {
    where: shownModelName(wanted),
    kind: 'model',
    locally: LOCALLY,
    ...(similar !== undefined && { suggestion: `Did you mean ${similar}?` }),
  };
}

/** @returns the copy in the cache, or what it lacks (`lacks …`) */
async function fromCache(wanted: ModelName, cache: RepositoryCache): Promise<HubModel | { lack: string }> {
  const commit = await cache.commitOf(wanted.revision);
  if (commit === undefined) return { lack: 'lacks the model' };
  const there = new Set((await cache.filesOf(commit)).keys());
  if (!there.has(CONFIG_FILE)) return { lack: `lacks its ${CONFIG_FILE}` };
  try {
    settingsFiles(there, shownModelName(wanted));
    weightFiles(await readIndex(cache, commit, there), there, shownModelName(wanted));
  } catch (error) {
    // Another tool may have downloaded a part only.
    if (error instanceof PrmError) return { lack: `has a part of it only: ${error.what}` };
    throw error;
  }
  return { folder: cache.pathOf(commit, ''), revision: commit, notes: [] };
}

async function fromHub(
  wanted: ModelName,
  cache: RepositoryCache,
  settings: HubSettings,
  hooks: ModelHooks,
): Promise<HubModel> {
  const model = shownModelName(wanted);
  const repository = await openRepository({ kind: 'model', ...wanted }, cache, settings, hooks.signal);
  const listed = new Set(repository.files.keys());
  const settingsOfModel = settingsFiles(listed, model);
  await repository.fetchFile(CONFIG_FILE, () => undefined);
  parseDecoderConfig(await readConfig(cache, repository.commit, model), `${model}/${CONFIG_FILE}`);
  if (isSharded(listed)) await repository.fetchFile(INDEX_FILE, () => undefined);
  const weights = weightFiles(await readIndex(cache, repository.commit, listed), listed, model);
  await fetchAll([...settingsOfModel, ...weights], repository, cache, model, hooks);
  await cache.writeRef(wanted.revision, repository.commit);
  return { folder: cache.pathOf(repository.commit, ''), revision: repository.commit, notes: [] };
}

async function fetchAll(
  files: readonly string[],
  repository: Repository,
  cache: RepositoryCache,
  model: string,
  { onDownload }: ModelHooks,
): Promise<void> {
  const sizes = files.map((file) => repository.files.get(file)?.bytes ?? 0);
  const total = sum(sizes);
  const missing = await Promise.all(files.map((file) => repository.missingBytes(file)));
  await checkFreeDisk(cache.folder, sum(missing), {
    what: `downloading ${model}`,
    remedy: 'Free some space, or set HF_HUB_CACHE to a folder on another disk.',
  });
  let finished = 0;
  for (const [index, file] of files.entries()) {
    await repository.fetchFile(file, (bytes) => onDownload?.(finished + bytes, total));
    finished += sizes[index] ?? 0;
  }
  if (sum(missing) > 0) onDownload?.(total, total);
}

async function readConfig(cache: RepositoryCache, commit: string, model: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(cache.pathOf(commit, CONFIG_FILE), 'utf8'));
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw new PrmError({
      where: `${model}/${CONFIG_FILE}`,
      what: `it is not JSON (${messageOf(error)})`,
      remedy: 'Take another revision of the model (owner/name@revision).',
      cause: error,
    });
  }
}

/** @returns the text of the index, undefined where one file holds all weights */
async function readIndex(
  cache: RepositoryCache,
  commit: string,
  listed: ReadonlySet<string>,
): Promise<string | undefined> {
  return isSharded(listed) ? readFile(path.join(cache.pathOf(commit, ''), INDEX_FILE), 'utf8') : undefined;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
