// Downloads one file into the Hub's cache; goes on where an earlier download broke off.
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, open, rename, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { PrmError, systemErrorCode, throwIfCancelled } from '../../support/errors.ts';

export interface Download {
  url: string;
  /** Where the file goes when it is complete; until then it has `.incomplete` behind its name. */
  target: string;
  bytes: number;
  /** Expected SHA-256, known for files in large file storage. */
  sha256: string | undefined;
  token: string | undefined;
  signal: AbortSignal | undefined;
  onBytes: (bytes: number) => void;
}

const ATTEMPTS = 3;
const PAUSE_MILLISECONDS = 500;

/**
 * Tries again, from the byte reached, where the connection breaks.
 * @throws PrmError where the server refuses or the file that came is not the one promised
 */
export async function download(file: Download): Promise<void> {
  await mkdir(path.dirname(file.target), { recursive: true });
  const partial = `${file.target}.incomplete`;
  for (let attempt = 1; ; attempt++) {
    try {
      await fetchRest(file, partial);
      break;
    } catch (error) {
      throwIfCancelled(file.signal);
      // What the server or the disk said stays true; only a broken connection is worth another try.
      if (error instanceof PrmError || systemErrorCode(error) !== undefined || attempt === ATTEMPTS)
        throw error;

      await setTimeout(attempt * PAUSE_MILLISECONDS);
    }
  }
  await check(file, partial);
  await rename(partial, file.target);
}

async function fetchRest({ url, bytes, token, signal, onBytes }: Download, partial: string): Promise<void> {
  const start = await sizeOf(partial);
  if (start === bytes) return;
  const headers: Record<string, string> = {};
  // Compressed on the way, a range would mean other bytes.
  headers['accept-encoding'] = 'identity';
  if (token !== undefined) headers.authorization = `Bearer ${token}`;
  if (start > 0 && start < bytes) headers.range = `bytes=${start}-`;
  const response = await fetch(url, { headers, signal: signal ?? null });
  if (!response.ok || response.body === null) {
    throw new PrmError({
      where: url,
      what: `the server answered ${response.status} ${response.statusText}`.trim(),
      remedy: 'Try again later, or download the file yourself and give its path.',
    });
  }
  const goesOn = response.status === 206;
  let done = goesOn ? start : 0;
  const handle = await open(partial, goesOn ? 'a' : 'w');
  try {
    for await (const chunk of response.body as AsyncIterable<Uint8Array>) {
      await handle.writeFile(chunk);
      done += chunk.length;
      onBytes(done);
    }
  } finally {
    await handle.close();
  }
  if (done < bytes) throw new Error(`the connection ended after ${done} of ${bytes} bytes`);
}

async function check({ url, bytes, sha256, signal }: Download, partial: string): Promise<void> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(partial, { signal })) hash.update(chunk as Buffer);
  const sizeFits = (await sizeOf(partial)) === bytes;
  if (sizeFits && (sha256 === undefined || hash.digest('hex') === sha256)) return;
  await rm(partial);
  throw new PrmError({
    where: url,
    what: 'the file that came is not the one that the Hub lists',
    remedy: 'Run the command again to download it anew.',
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
