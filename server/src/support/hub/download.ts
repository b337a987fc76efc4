// Downloads one file into the Hub's cache; goes on where an earlier download broke off.
import { createHash, type Hash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { open, readdir, rename, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { PrmError, systemErrorCode, throwIfCancelled } from '../errors.ts';
import { isProcessAlive } from '../processes.ts';
import { patientFetch, retryAfter } from './patientFetch.ts';
import { makeFolder } from '../makeFolder.ts';

/** What the Hub says of a file's bytes: `lfs` SHA-256 for large files, `git` the SHA-1 of git's blob for others. */
export interface Checksum {
  kind: 'lfs' | 'git';
  /** Hexadecimal. */
  hash: string;
}

export interface Download {
  url: string;
  /** Where the file goes when it is complete; until then it has `.incomplete` behind its name, and the process id while it is written. */
  target: string;
  bytes: number;
  checksum: Checksum;
  token: string | undefined;
  signal: AbortSignal | undefined;
  onBytes: (bytes: number) => void;
}

/** Tries in a row that bring no byte. */
const FRUITLESS_TRIES = 3;
const PAUSE_MILLISECONDS = 500;

/**
 * Tries again, from the byte reached, where the connection breaks; gives up after three tries in a row without a byte.
 * @throws PrmError where the server refuses, the disk is full, or the file that came is not the one promised
 */
export async function download(file: Download): Promise<void> {
  try {
    await makeFolder(path.dirname(file.target));
    const partial = await claimPartial(file.target);
    try {
      await fetchAll(file, partial);
      await check(file, partial);
      await rename(partial, file.target);
    } finally {
      // What has come is for the next try, in whatever process.
      await renameIfThere(partial, `${file.target}.incomplete`);
    }
  } catch (error) {
    throwIfCancelled(file.signal);
    throw explained(error, file);
  }
}

/**
 * Takes what earlier downloads left under a name of this process, so that two at once do not write into one file.
 * @returns the name; there need not be such a file yet
 */
async function claimPartial(target: string): Promise<string> {
  const mine = `${target}.incomplete.${process.pid}`;
  const prefix = `${path.basename(target)}.incomplete`;
  for (const name of await readdir(path.dirname(target))) {
    if (!name.startsWith(prefix)) continue;
    const owner = Number(name.slice(prefix.length + 1));
    if (owner > 0 && owner !== process.pid && isProcessAlive(owner)) continue;
    if (await renameIfThere(path.join(path.dirname(target), name), mine)) break;
  }
  return mine;
}

/** @returns false where another process was faster */
async function renameIfThere(from: string, to: string): Promise<boolean> {
  try {
    await rename(from, to);
    return true;
  } catch (error) {
    if (systemErrorCode(error) === 'ENOENT') return false;
    throw error;
  }
}

async function fetchAll(file: Download, partial: string): Promise<void> {
  let fruitless = 0;
  for (;;) {
    const before = await sizeOf(partial);
    try {
      await fetchRest(file, partial);
      return;
    } catch (error) {
      throwIfCancelled(file.signal);
      // What the server or the disk said stays true; only a broken connection is worth another try.
      if (error instanceof PrmError || isOfDisk(error)) throw error;
      fruitless = (await sizeOf(partial)) > before ? 0 : fruitless + 1;
      if (fruitless === FRUITLESS_TRIES) throw error;
      await setTimeout(
        (fruitless + 1) * PAUSE_MILLISECONDS,
        undefined,
        file.signal ? { signal: file.signal } : {},
      );
    }
  }
}

async function fetchRest(file: Download, partial: string): Promise<void> {
  const { url, bytes, token, signal, onBytes } = file;
  const start = await sizeOf(partial);
  if (start === bytes && bytes > 0) return;
  const headers: Record<string, string> = {};
  // Compressed on the way, a range would mean other bytes.
  headers['accept-encoding'] = 'identity';
  if (token !== undefined) headers.authorization = `Bearer ${token}`;
  if (start > 0 && start < bytes) headers.range = `bytes=${start}-`;
  const response = await patientFetch(url, { headers, signal: signal ?? null });
  if (!response.ok || response.body === null) throw refused(file, response);
  const goesOn = response.status === 206;
  if (goesOn && response.headers.get('content-range')?.startsWith(`bytes ${start}-`) === false) {
    throw new Error(`the server sent another part than from byte ${start} on`);
  }
  let done = goesOn ? start : 0;
  const handle = await open(partial, goesOn ? 'a' : 'w');
  try {
    for await (const chunk of response.body as AsyncIterable<Uint8Array>) {
      await handle.writeFile(chunk);
      done += chunk.length;
      if (done > bytes) break;
      onBytes(done);
    }
  } finally {
    await handle.close();
  }
  if (done < bytes) throw new Error(`the connection ended after ${done} of ${bytes} bytes`);
}

function refused(
  { url, token }: Download,
  { status, statusText, headers }: Pick<Response, 'status' | 'statusText' | 'headers'>,
): PrmError {
  const pause = retryAfter(headers, Date.now());
  const what = `the server answered ${status} ${statusText}`.trim();
  if (status === 401 || status === 403) {
    return new PrmError({
      where: url,
      what: `${what}: the repository is gated, and its files are for those who accepted its conditions`,
      remedy:
        token === undefined
          ? 'Accept them on its page, and set HF_TOKEN to a token of that account.'
          : 'Accept them on its page with the account whose token is in HF_TOKEN; the token must be allowed to read gated repositories.',
    });
  }
  const wait = pause === undefined ? 'later' : `in ${Math.ceil(pause / 1000)} s`;
  return new PrmError({
    where: url,
    what: status === 429 ? `${what}, too many requests` : what,
    remedy:
      status === 429
        ? `Try again ${wait}; with a token in HF_TOKEN the Hub allows more.`
        : `Try again ${wait}, or download the file yourself and give its path.`,
  });
}

async function check({ url, bytes, checksum, signal }: Download, partial: string): Promise<void> {
  const hash = startHash(checksum, bytes);
  for await (const chunk of createReadStream(partial, { signal })) hash.update(chunk as Buffer);
  if ((await sizeOf(partial)) === bytes && hash.digest('hex') === checksum.hash) return;
  await rm(partial);
  throw new PrmError({
    where: url,
    what: 'the file that came is not the one that the Hub lists',
    remedy: 'Run the command again to download it anew.',
  });
}

/** Git hashes a header with the length before the bytes (https://git-scm.com/book/en/v2/Git-Internals-Git-Objects). */
function startHash({ kind }: Checksum, bytes: number): Hash {
  return kind === 'lfs' ? createHash('sha256') : createHash('sha1').update(`blob ${bytes}\0`);
}

/** Whether a failure is the file system's; those of the network come as a `cause`. */
function isOfDisk(error: unknown): boolean {
  return error instanceof Error && 'syscall' in error && systemErrorCode(error) !== undefined;
}

function explained(error: unknown, { target, bytes }: Download): unknown {
  const code = systemErrorCode(error);
  if (code !== 'ENOSPC' && code !== 'EDQUOT') return error;
  return new PrmError({
    where: path.dirname(target),
    what: `the disk is full (the file needs ${(bytes / 1e6).toFixed(1)} MB)`,
    remedy: 'Free some space, or set HF_HUB_CACHE to a folder on another disk; what has come is kept.',
    cause: error,
  });
}

async function sizeOf(file: string): Promise<number> {
  try {
    return (await stat(file)).size;
  } catch (error) {
    if (systemErrorCode(error) === 'ENOENT') return 0;
    throw error;
  }
}
