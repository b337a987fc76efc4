// Samples that were paid for, kept by content: cacache stores them verified, and two processes may use one cache.
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import cacache from 'cacache';
import type { CacheCheck, CachedModel } from '../../../../protocol/src/generation.ts';
import { messageOf, PrmError, systemErrorCode } from '../../support/errors.ts';
import { tryLockFile } from '../../support/lock.ts';
import { chatSampleSchema, keyOf, type ChatRequest, type ChatSample } from './chatRequest.ts';
import { makeFolder } from '../../support/makeFolder.ts';

const CLAIMS = 'claims';
/** Between two looks whether another process has the sample ready, milliseconds. */
const LOOK_INTERVAL = 100;

export class SampleCache {
  readonly #folder: string;
  readonly #claims: string;
  /** Samples that this process makes now. */
  readonly #making = new Map<string, Promise<ChatSample>>();
  /** Entries that were damaged and made again. */
  damaged = 0;

  /** @param folder is made where it is missing */
  constructor(folder: string) {
    this.#folder = path.join(folder, 'content');
    this.#claims = path.join(folder, CLAIMS);
  }

  /** A sample that is there and whole; a damaged one is removed and counts as none. */
  async get(request: ChatRequest): Promise<ChatSample | undefined> {
    const key = keyOf(request);
    try {
      const { data } = await cacache.get(this.#folder, key);
      return chatSampleSchema.parse(JSON.parse(data.toString('utf8')));
    } catch (error) {
      const code = systemErrorCode(error);
      if (code === 'ENOENT' && !(await this.#isListed(key))) return undefined;
      if (code !== undefined && code !== 'ENOENT' && code !== 'EINTEGRITY')
        throw cacheFailure(this.#folder, error);
      this.damaged++;
      await cacache.rm.entry(this.#folder, key);
      return undefined;
    }
  }

  /**
   * The sample, from the cache or made now and kept. Of two processes (or two callers) that want the same one, one makes it and the
   * other waits for it, so that nothing is paid for twice.
   * @param renew makes it even where there is one
   */
  async getOrMake(
    request: ChatRequest,
    make: () => Promise<ChatSample>,
    { renew, signal }: { renew: boolean; signal: AbortSignal },
  ): Promise<{ sample: ChatSample; made: boolean }> {
    const key = keyOf(request);
    const here = this.#making.get(key);
    if (here !== undefined) return { sample: await here, made: false };
    if (!renew) {
      const known = await this.get(request);
      if (known !== undefined) return { sample: known, made: false };
    }
    let made = false;
    const work = this.#alone(key, signal, async () => {
      // Another process may have made it while this one waited.
      const known = renew ? undefined : await this.get(request);
      if (known !== undefined) return known;
      const sample = await make();
      made = true;
      await this.#put(key, request, sample);
      return sample;
    });
    this.#making.set(key, work);
    try {
      return { sample: await work, made };
    } finally {
      this.#making.delete(key);
    }
  }

  /** What is kept, by model, the largest first. */
  async list(): Promise<CachedModel[]> {
    const models = new Map<string, CachedModel>();
    for (const { metadata, size } of Object.values(await this.#entries())) {
      const model = modelIn(metadata);
      const found = models.get(model) ?? { model, entries: 0, bytes: 0 };
      models.set(model, { model, entries: found.entries + 1, bytes: found.bytes + size });
    }
    return [...models.values()].sort((a, b) => b.bytes - a.bytes);
  }

  /** Reads everything again, and removes what is damaged. */
  async verify(): Promise<CacheCheck> {
    const before = Object.keys(await this.#entries()).length;
    if (before === 0) return { entries: 0, removed: 0, bytes: 0 };
    await cacache.verify(this.#folder);
    const after = Object.values(await this.#entries());
    const bytes = after.reduce((sum, { size }) => sum + size, 0);
    return { entries: after.length, removed: before - after.length, bytes };
  }

  /** Removes the entries of one model, or all. @returns how many */
  async clear(model?: string): Promise<number> {
    const entries = Object.entries(await this.#entries()).filter(
      ([, { metadata }]) => model === undefined || modelIn(metadata) === model,
    );
    if (model === undefined) await cacache.rm.all(this.#folder);
    else for (const [key] of entries) await cacache.rm.entry(this.#folder, key);
    // Content that no entry points to any more is given back here.
    if (entries.length > 0 && model !== undefined) await cacache.verify(this.#folder);
    return entries.length;
  }

  async #entries() {
    try {
      // cacache takes a file in the folder's place for an empty cache.
      await readdir(this.#folder);
      return await cacache.ls(this.#folder);
    } catch (error) {
      if (systemErrorCode(error) === 'ENOENT') return {};
      throw cacheFailure(this.#folder, error);
    }
  }

  async #isListed(key: string): Promise<boolean> {
    // cacache gives null where there is no entry, whatever its types say.
    const info: unknown = await cacache.get.info(this.#folder, key);
    return info != null;
  }

  async #put(key: string, { model, sample, seed }: ChatRequest, result: ChatSample): Promise<void> {
    try {
      await cacache.put(this.#folder, key, JSON.stringify(result), { metadata: { model, sample, seed } });
    } catch (error) {
      throw cacheFailure(this.#folder, error);
    }
  }

  /** Runs the work while no other process does it for the same key. */
  async #alone<T>(key: string, signal: AbortSignal, work: () => Promise<T>): Promise<T> {
    const release = await this.#claim(path.join(this.#claims, `${key}.lock`), signal);
    try {
      return await work();
    } finally {
      await release();
    }
  }

  async #claim(file: string, signal: AbortSignal): Promise<() => Promise<void>> {
    try {
      await makeFolder(this.#claims);
      for (;;) {
        const lock = await tryLockFile(file);
        if (typeof lock === 'function') return lock;
        await wait(LOOK_INTERVAL, undefined, { signal });
      }
    } catch (error) {
      if (signal.aborted) throw error;
      throw cacheFailure(this.#claims, error);
    }
  }
}

function modelIn(metadata: unknown): string {
  if (typeof metadata !== 'object' || metadata === null) return 'unknown';
  const model: unknown = Reflect.get(metadata, 'model');
  return typeof model === 'string' ? model : 'unknown';
}

function cacheFailure(folder: string, error: unknown): unknown {
  const code = systemErrorCode(error);
  if (error instanceof PrmError || code === undefined) return error;
  const full = code === 'ENOSPC' || code === 'EDQUOT';
  return new PrmError({
    where: folder,
    what: full ? 'the disk is full' : `the cache cannot be used (${code}: ${messageOf(error)})`,
    remedy: full
      ? 'Free some space and run the command again: what was paid for is kept.'
      : 'Check the folder and its permissions, or choose another one with PRM_CACHE or --cache-dir.',
    cause: error,
  });
}
