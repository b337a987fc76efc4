// Samples that were paid for, kept by content: cacache stores them verified, and several processes may use one cache.
import { setTimeout as wait } from 'node:timers/promises';
import cacache from 'cacache';
import { systemErrorCode } from '../../support/errors.ts';
import { cacheErrorCode, cacheFailure } from './cacheFailure.ts';
import { cacheParts, hasIndexFile, removeIndexFile } from './cacheFiles.ts';
import { chatSampleSchema, keyOf, type ChatRequest, type ChatSample } from './chatRequest.ts';
import { CLAIM_TIMES, Claims, type ClaimTimes } from './claims.ts';

/** Between two looks whether another process has a sample ready, milliseconds. */
const LOOK_INTERVAL = 100;
/** Of keeping one sample, where others clear the cache meanwhile. */
const PUT_TRIES = 5;

export interface MakeOptions {
  /** Take no sample that was there before this cache was opened. */
  renew: boolean;
  signal: AbortSignal;
}

export interface KeptSample {
  sample: ChatSample;
  /** Asked for now, not found. */
  made: boolean;
}

/** Makes the samples that are missing, and hands each on as soon as it is there. Those that it does not hand on were not to be had. */
export type MakeSamples = (
  missing: readonly ChatRequest[],
  keep: (request: ChatRequest, sample: ChatSample) => Promise<void>,
) => Promise<void>;

export class SampleCache {
  readonly #content: string;
  readonly #claimFolder: string;
  readonly #claims: Claims;
  readonly #opened = Date.now();
  /** Entries that were damaged, and are made again. */
  damaged = 0;

  /**
   * @param folder is made where it is missing
   * @param times for tests
   */
  constructor(folder: string, times: ClaimTimes = CLAIM_TIMES) {
    const { content, claims } = cacheParts(folder);
    this.#content = content;
    this.#claimFolder = claims;
    this.#claims = new Claims(this.#claimFolder, times);
  }

  /** Whether there is an entry; its content is not looked at. */
  async has(request: ChatRequest): Promise<boolean> {
    return this.#reading(async () => (await this.#entryOf(keyOf(request))) !== undefined);
  }

  /** A sample that is there and whole. */
  async get(request: ChatRequest): Promise<ChatSample | undefined> {
    return this.#reading(() => this.#get(keyOf(request), undefined, false));
  }

  /** The samples that are there and whole. */
  async getAll(requests: readonly ChatRequest[]): Promise<Map<ChatRequest, ChatSample>> {
    const kept = new Map<ChatRequest, ChatSample>();
    for (const [index, sample] of (
      await Promise.all(requests.map((request) => this.get(request)))
    ).entries()) {
      const request = requests[index];
      if (request !== undefined && sample !== undefined) kept.set(request, sample);
    }
    return kept;
  }

  /**
   * The samples, from the cache or made now and kept. Of two processes (or two callers) that want the same one, one makes it and the
   * other waits for it, so that nothing is paid for twice. Only what nobody else makes is claimed, and who waits holds no claim,
   * so that nobody waits for ever.
   * @param requests different from each other
   * @returns the samples that were to be had
   * @throws what `make` throws; PrmError where the cache cannot be used; the signal's reason
   */
  async getOrMake(
    requests: readonly ChatRequest[],
    make: MakeSamples,
    { renew, signal }: MakeOptions,
  ): Promise<Map<ChatRequest, KeptSample>> {
    const kept = new Map<ChatRequest, KeptSample>();
    const since = renew ? this.#opened : undefined;
    const find = async (open: readonly ChatRequest[], isOurs: boolean): Promise<ChatRequest[]> => {
      const missing: ChatRequest[] = [];
      for (const request of open) {
        const sample = await this.#reading(() => this.#get(keyOf(request), since, isOurs));
        if (sample === undefined) missing.push(request);
        else kept.set(request, { sample, made: false });
      }
      return missing;
    };
    let open = requests;
    while (open.length > 0) {
      signal.throwIfAborted();
      const claimed = await this.#claimFree(open);
      try {
        // Another process may have made some between the look and the claim.
        const missing = await find(claimed, true);
        if (missing.length > 0) {
          await make(missing, async (request, sample) => {
            await this.put(request, sample);
            kept.set(request, { sample, made: true });
          });
        }
      } finally {
        for (const request of claimed) await this.#claims.release(keyOf(request));
      }
      const others = open.filter((request) => !claimed.includes(request));
      if (others.length > 0 && claimed.length === 0) await wait(LOOK_INTERVAL, undefined, { signal });
      open = await find(others, false);
    }
    return kept;
  }

  async #claimFree(requests: readonly ChatRequest[]): Promise<ChatRequest[]> {
    const claimed: ChatRequest[] = [];
    try {
      for (const request of requests) if (await this.#claims.take(keyOf(request))) claimed.push(request);
      return claimed;
    } catch (error) {
      for (const request of claimed) await this.#claims.release(keyOf(request));
      throw cacheFailure(this.#claimFolder, error);
    }
  }

  /**
   * A sample that is there and whole.
   * @param since an entry that is older counts as none, milliseconds since 1970
   * @param isOurs it is claimed, and made again where it is damaged: what is left of it is removed
   */
  async #get(key: string, since: number | undefined, isOurs: boolean): Promise<ChatSample | undefined> {
    if (since !== undefined && ((await this.#entryOf(key))?.time ?? 0) < since) return undefined;
    try {
      const { data } = await cacache.get(this.#content, key);
      return chatSampleSchema.parse(JSON.parse(data.toString('utf8')));
    } catch (error) {
      const code = systemErrorCode(error);
      if (code !== undefined && code !== 'ENOENT' && code !== 'EINTEGRITY') throw error;
      if (isOurs) await this.#removeDamaged(key);
      return undefined;
    }
  }

  /** An index file without an entry that can be read was damaged, too; where there is neither, nothing ever was. */
  async #removeDamaged(key: string): Promise<void> {
    const entry = await this.#entryOf(key);
    if (entry === undefined && !(await hasIndexFile(this.#content, key))) return;
    this.damaged++;
    await removeIndexFile(this.#content, key);
    // Content that is there is never written again, damaged or not.
    if (entry !== undefined) await cacache.rm.content(this.#content, entry.integrity);
  }

  async #entryOf(key: string): Promise<cacache.CacheObject | undefined> {
    return (await cacache.get.info(this.#content, key)) ?? undefined;
  }

  /** Keeps a sample. @throws PrmError where the cache cannot be written */
  async put(request: ChatRequest, result: ChatSample): Promise<void> {
    const { model, sample, seed } = request;
    const key = keyOf(request);
    // With its key, no two entries share their content: one can be removed without a look at all others.
    const data = JSON.stringify({ key, ...result });
    for (let tries = 1; ; tries++) {
      try {
        await cacache.put(this.#content, key, data, { metadata: { model, sample, seed } });
        return;
      } catch (error) {
        // The folder may be cleared at this very moment, and is made anew then.
        if (cacheErrorCode(error) !== 'ENOENT' || tries === PUT_TRIES)
          throw cacheFailure(this.#content, error);
      }
    }
  }

  async #reading<T>(read: () => Promise<T>): Promise<T> {
    try {
      return await read();
    } catch (error) {
      throw cacheFailure(this.#content, error);
    }
  }
}
