// The files of a cacache folder, as far as its own functions do not tell: which index file a key has, and what is on the disk.
// https://github.com/npm/cacache: index-v5 holds a file for each key's sha256, content-v2 one for each content's sha512.
import { createHash } from 'node:crypto';
import type { Dirent } from 'node:fs';
import { readdir, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { systemErrorCode } from '../../support/errors.ts';

/** What a cache folder holds: cacache's folder, and the claims of those who make samples now. */
export function cacheParts(folder: string): { content: string; claims: string } {
  return { content: path.join(folder, 'content'), claims: path.join(folder, 'claims') };
}

const INDEX = 'index-v5';
const CONTENT = 'content-v2';

/** Whether a key has ever been written and not removed, readable or not. */
export async function hasIndexFile(folder: string, key: string): Promise<boolean> {
  return (await sizeOf(indexFileOf(folder, key))) !== undefined;
}

/** Where cacache only appends that the entry is gone. */
export async function removeIndexFile(folder: string, key: string): Promise<void> {
  await rm(indexFileOf(folder, key), { force: true });
}

export function indexFileOf(folder: string, key: string): string {
  const hash = createHash('sha256').update(key).digest('hex');
  return path.join(folder, INDEX, hash.slice(0, 2), hash.slice(2, 4), hash.slice(4));
}

export interface CacheFile {
  file: string;
  /** As the disk gives them out, in whole blocks. */
  bytesOnDisk: number;
  /** When it was written, milliseconds since 1970. */
  time: number;
}

export function indexFiles(folder: string): AsyncGenerator<CacheFile> {
  return filesUnder(path.join(folder, INDEX));
}

export function contentFiles(folder: string): AsyncGenerator<CacheFile> {
  return filesUnder(path.join(folder, CONTENT));
}

/** Of a folder that may change while it is read. */
export async function* filesUnder(folder: string): AsyncGenerator<CacheFile> {
  for (const entry of await entriesOf(folder)) {
    const file = path.join(folder, entry.name);
    if (entry.isDirectory()) yield* filesUnder(file);
    else {
      const found = await sizeOf(file);
      if (found !== undefined) yield { file, ...found };
    }
  }
}

/** Nothing where there is no folder yet. @throws where something else is in its place */
export async function entriesOf(folder: string): Promise<Dirent[]> {
  try {
    return await readdir(folder, { withFileTypes: true });
  } catch (error) {
    if (systemErrorCode(error) === 'ENOENT') return [];
    throw error;
  }
}

/** Blocks of 512 bytes are what every system counts in; one that does not count them gives the size. */
async function sizeOf(file: string): Promise<Omit<CacheFile, 'file'> | undefined> {
  try {
    const { blocks, size, mtimeMs } = await stat(file);
    return { bytesOnDisk: blocks > 0 ? blocks * 512 : size, time: mtimeMs };
  } catch (error) {
    if (systemErrorCode(error) === 'ENOENT') return undefined;
    throw error;
  }
}
