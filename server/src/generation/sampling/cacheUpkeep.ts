// Looks after the samples that were paid for: what is kept, whether it is whole, and removing it; all of it also while others use the cache.
import { randomUUID } from 'node:crypto';
import { readdir, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import cacache from 'cacache';
import { z } from 'zod';
import type { CacheCheck, CachedModel } from '../../../../protocol/src/generation.ts';
import { systemErrorCode, throwIfCancelled } from '../../support/errors.ts';
import { inOrder } from '../parallel.ts';
import { cacheFailure } from './cacheFailure.ts';
import {
  cacheParts,
  contentFiles,
  entriesOf,
  filesUnder,
  indexFileOf,
  indexFiles,
  removeIndexFile,
} from './cacheFiles.ts';
import { CLAIM_TIMES, Claims } from './claims.ts';

export interface CacheSize {
  entries: number;
  /** Of the answers as they are stored. */
  bytes: number;
  /** What the disk gives for it, indexes and claims included: small files take whole blocks. */
  bytesOnDisk: number;
}

const entrySchema = z.object({
  key: z.string(),
  integrity: z.string(),
  size: z.number().catch(0),
  time: z.number().catch(0),
  metadata: z.object({ model: z.string() }).catch({ model: 'unknown' }),
});
type Entry = z.infer<typeof entrySchema>;

/** Entries that are read at once. */
const AT_ONCE = 16;
/** A cache that is cleared gets such a name first, so that nobody finds half of it. */
const REMOVED = 'removed-';
/** What no entry names and is older is left over, not about to be named; milliseconds. */
const LEFT_OVER = 600_000;

/** What is kept, by model, the largest first. @throws PrmError where the folder cannot be read */
export async function listCache(folder: string, signal?: AbortSignal): Promise<CachedModel[]> {
  return inWords(folder, async () => {
    const models = new Map<string, Omit<CachedModel, 'newest'> & { time: number }>();
    for await (const { metadata, size, time } of entriesIn(folder, signal)) {
      const { model } = metadata;
      const found = models.get(model) ?? { model, entries: 0, bytes: 0, time: 0 };
      models.set(model, {
        model,
        entries: found.entries + 1,
        bytes: found.bytes + size,
        time: Math.max(found.time, time),
      });
    }
    return [...models.values()]
      .sort((a, b) => b.bytes - a.bytes)
      .map(({ time, ...model }) => ({ ...model, newest: new Date(time).toISOString() }));
  });
}

/** All entries together. @throws PrmError where the folder cannot be read */
export async function sizeOfCache(folder: string, signal?: AbortSignal): Promise<CacheSize> {
  return inWords(folder, async () => {
    const size: CacheSize = { entries: 0, bytes: 0, bytesOnDisk: 0 };
    for await (const entry of entriesIn(folder, signal)) {
      size.entries++;
      size.bytes += entry.size;
    }
    for (const part of Object.values(cacheParts(folder))) {
      for await (const { bytesOnDisk } of filesUnder(part)) size.bytesOnDisk += bytesOnDisk;
    }
    return size;
  });
}

/**
 * Reads everything again. Removes entries that are damaged, and what killed processes left: content that no entry names,
 * half-written files, claims. What others are writing now stays.
 * @throws PrmError where the folder cannot be used
 */
export async function verifyCache(folder: string, signal?: AbortSignal): Promise<CacheCheck> {
  return inWords(folder, async () => {
    const started = Date.now();
    const { content } = cacheParts(folder);
    const check: CacheCheck = { entries: 0, bytes: 0, removed: 0 };
    const known = { indexes: new Set<string>(), contents: new Set<string>() };
    const look = async (entry: Entry) => ({ entry, isWhole: await isWhole(content, entry) });
    for await (const { entry, isWhole } of inOrder(entriesIn(folder, signal), AT_ONCE, signal, look)) {
      known.indexes.add(shortName(indexFileOf(content, entry.key)));
      known.contents.add(digestOf(entry.integrity));
      if (isWhole) {
        check.entries++;
        check.bytes += entry.size;
      } else if (await removeDamaged(folder, entry)) check.removed++;
    }
    for await (const { file, time } of indexFiles(content)) {
      if (known.indexes.has(shortName(file)) || time >= started) continue;
      await rm(file, { force: true });
      check.removed++;
    }
    for await (const { file, time } of contentFiles(content)) {
      if (!known.contents.has(shortName(file)) && time < started - LEFT_OVER) await rm(file, { force: true });
    }
    for await (const { file, time } of filesUnder(path.join(content, 'tmp'))) {
      if (time < started - LEFT_OVER) await rm(file, { force: true });
    }
    await removeClaims(folder);
    await removeCleared(folder);
    return check;
  });
}

/**
 * Removes the entries of one model, or all. Who uses the cache at the same time goes on, and keeps what it makes from then on.
 * @returns how many
 * @throws PrmError where the folder cannot be used
 */
export async function clearCache(folder: string, model?: string, signal?: AbortSignal): Promise<number> {
  return inWords(folder, async () => {
    const { content } = cacheParts(folder);
    let removed = 0;
    for await (const { key, integrity, metadata } of entriesIn(folder, signal)) {
      if (model !== undefined && metadata.model !== model) continue;
      removed++;
      if (model === undefined) continue;
      // The entry first: who finds one without its content takes it for damaged.
      await removeIndexFile(content, key);
      await cacache.rm.content(content, integrity);
    }
    if (model === undefined) await setAside(folder);
    await removeCleared(folder);
    return removed;
  });
}

async function* entriesIn(folder: string, signal: AbortSignal | undefined): AsyncGenerator<Entry> {
  const { content } = cacheParts(folder);
  // cacache takes a file in the folder's place for an empty cache.
  if ((await entriesOf(content)).length === 0) return;
  for await (const found of cacache.ls.stream(content)) {
    throwIfCancelled(signal);
    const entry = entrySchema.safeParse(found);
    if (entry.success) yield entry.data;
  }
}

async function isWhole(content: string, { integrity }: Entry): Promise<boolean> {
  try {
    await cacache.get.byDigest(content, integrity);
    return true;
  } catch (error) {
    const code = systemErrorCode(error);
    if (code === 'ENOENT' || code === 'EINTEGRITY') return false;
    throw error;
  }
}

/** Under a claim: who makes a sample again at this moment is not to lose it. @returns whether it was removed */
async function removeDamaged(folder: string, entry: Entry): Promise<boolean> {
  const { content, claims: claimFolder } = cacheParts(folder);
  const claims = new Claims(claimFolder, CLAIM_TIMES);
  if (!(await claims.take(entry.key))) return false;
  try {
    if (await isWhole(content, entry)) return false;
    await removeIndexFile(content, entry.key);
    await cacache.rm.content(content, entry.integrity);
    return true;
  } finally {
    await claims.release(entry.key);
  }
}

/** Claims of processes that are gone; one that can be had is nobody's. */
async function removeClaims(folder: string): Promise<void> {
  const claims = new Claims(cacheParts(folder).claims, CLAIM_TIMES);
  for await (const { file } of filesUnder(cacheParts(folder).claims)) {
    const key = path.basename(file).replace(/\.\d+$/, '');
    if (await claims.take(key)) await claims.release(key);
  }
}

async function setAside(folder: string): Promise<void> {
  try {
    await rename(cacheParts(folder).content, path.join(folder, `${REMOVED}${randomUUID()}`));
  } catch (error) {
    if (systemErrorCode(error) !== 'ENOENT') throw error;
  }
}

/** Also what an earlier process did not come to remove. */
async function removeCleared(folder: string): Promise<void> {
  let names: string[];
  try {
    names = await readdir(folder);
  } catch (error) {
    if (systemErrorCode(error) === 'ENOENT') return;
    throw error;
  }
  for (const name of names.filter((one) => one.startsWith(REMOVED))) {
    await rm(path.join(folder, name), { recursive: true, force: true });
  }
}

/** Enough of a content's hash, in hexadecimal digits, to tell it from all others. */
const HASH_DIGITS = 24;

/** Of a file that is named by its hash, cut into folders: the first digits. */
function shortName(file: string): string {
  return file.split(path.sep).slice(-3).join('').slice(0, HASH_DIGITS);
}

function digestOf(integrity: string): string {
  const [, base64 = ''] = integrity.split('-', 2);
  return Buffer.from(base64, 'base64').toString('hex').slice(0, HASH_DIGITS);
}

async function inWords<T>(folder: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw cacheFailure(folder, error);
  }
}
