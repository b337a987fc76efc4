// Whether a disk has room for what is about to be written.
import { statfs } from 'node:fs/promises';
import path from 'node:path';
import { PrmError, systemErrorCode } from '../errors.ts';

/**
 * @param folder where the bytes go; it need not be there yet
 * @param bytes that are needed
 * @param what takes them, as the subject of the message
 * @param remedy what to do where they do not fit
 * @throws PrmError that says how much is needed and how much is free
 */
export async function checkFreeDisk(
  folder: string,
  bytes: number,
  { what, remedy }: { what: string; remedy: string },
): Promise<void> {
  const free = await freeBytes(path.resolve(folder));
  if (bytes <= free) return;
  throw new PrmError({
    where: folder,
    what: `${what} needs ${shownBytes(bytes)}, and the disk has ${shownBytes(free)} free`,
    remedy,
  });
}

/** Of the disk that holds the folder, or that will hold it. */
async function freeBytes(folder: string): Promise<number> {
  try {
    const { bavail, bsize } = await statfs(folder);
    return bavail * bsize;
  } catch (error) {
    const parent = path.dirname(folder);
    if (!['ENOENT', 'ENOTDIR'].includes(systemErrorCode(error) ?? '') || parent === folder) throw error;
    return freeBytes(parent);
  }
}

/** `3.4 GB`, `12 MB`: decimal units, as the Hub shows sizes. */
function shownBytes(bytes: number): string {
  return bytes >= 1e9 ? `${(bytes / 1e9).toFixed(1)} GB` : `${Math.ceil(bytes / 1e6)} MB`;
}
