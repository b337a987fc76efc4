// One file that is written under a temporary name and takes its place only when it is whole.
import { open, rename, rm, stat, type FileHandle } from 'node:fs/promises';
import path from 'node:path';
import { PrmError, systemErrorCode } from '../../support/errors.ts';
import { makeTemporaryFolder, removeLeftovers } from '../temporaryFolder.ts';
import { makeFolder } from '../../support/makeFolder.ts';

const OPEN = 'now';
const EARLIER = 'earlier';

export class OutputFile {
  /** Written so far. */
  bytes = 0;

  private constructor(
    readonly file: string,
    private readonly folder: string,
    private handle: FileHandle,
  ) {}

  /**
   * @param file its folder is made where it is missing; a file that is there is replaced by `finish`
   * @throws PrmError where it cannot be written
   */
  static async create(file: string): Promise<OutputFile> {
    try {
      const place = path.dirname(path.resolve(file));
      await makeFolder(place);
      if ((await kindOf(file)) === 'folder') {
        const remedy = 'Give the name of a file.';
        throw new PrmError({ where: file, what: 'a folder of that name is there', remedy });
      }
      await removeLeftovers(place);
      const folder = await makeTemporaryFolder(place);
      return new OutputFile(file, folder, await open(path.join(folder, OPEN), 'wx'));
    } catch (error) {
      throw explainFileError(error, file);
    }
  }

  /** Appends the bytes; await it before the next call, and leave the bytes alone until then. */
  async write(bytes: Uint8Array): Promise<void> {
    try {
      for (let done = 0; done < bytes.length;) {
        const { bytesWritten } = await this.handle.write(bytes, done, bytes.length - done);
        done += bytesWritten;
      }
      this.bytes += bytes.length;
    } catch (error) {
      throw explainFileError(error, this.file);
    }
  }

  /**
   * Begins again with an empty file.
   * @returns where the bytes that were written before can be read, until the next call or the end
   */
  async startOver(): Promise<string> {
    await this.handle.close();
    const earlier = path.join(this.folder, EARLIER);
    await rename(path.join(this.folder, OPEN), earlier);
    this.handle = await open(path.join(this.folder, OPEN), 'wx');
    this.bytes = 0;
    return earlier;
  }

  /** Puts the file in its place. */
  async finish(): Promise<void> {
    try {
      await this.handle.close();
      await rename(path.join(this.folder, OPEN), this.file);
      await rm(this.folder, { recursive: true });
    } catch (error) {
      throw explainFileError(error, this.file);
    }
  }

  /** Removes what was written; an earlier file of the name stays. */
  async abandon(): Promise<void> {
    // What led here is the failure to report; a handle that was closed by `finish` cannot be closed again.
    await this.handle.close().catch(() => undefined);
    await rm(this.folder, { recursive: true, force: true });
  }
}

/** @returns what is there under the name, if anything */
export async function kindOf(file: string): Promise<'file' | 'folder' | undefined> {
  try {
    return (await stat(file)).isDirectory() ? 'folder' : 'file';
  } catch (error) {
    // Where a part of the path is a file, writing says so.
    if (['ENOENT', 'ENOTDIR'].includes(systemErrorCode(error) ?? '')) return undefined;
    throw explainFileError(error, file);
  }
}

const NO_SPACE = 'Free some space or write to another disk. Nothing was left behind.';
const NOT_ALLOWED = 'Change the permissions of its folder, or write to another one.';

const EXPLANATIONS: Readonly<Record<string, { what: string; remedy: string }>> = {
  ENOSPC: { what: 'the disk is full', remedy: NO_SPACE },
  EDQUOT: { what: 'the disk quota is used up', remedy: NO_SPACE },
  EFBIG: {
    what: 'the file is larger than the system lets one be (ulimit -f)',
    remedy: 'Raise that limit. Nothing was left behind.',
  },
  EACCES: { what: 'the file may not be written', remedy: NOT_ALLOWED },
  EPERM: { what: 'the file may not be written', remedy: NOT_ALLOWED },
  EROFS: { what: 'the disk is read-only', remedy: 'Write to another one.' },
  ENOTDIR: { what: 'a part of the path is a file, not a folder', remedy: 'Write to another folder.' },
  EEXIST: { what: 'a part of the path is a file, not a folder', remedy: 'Write to another folder.' },
  EISDIR: { what: 'a folder of that name is there', remedy: 'Give the name of a file.' },
  ENAMETOOLONG: { what: 'the name is too long', remedy: 'Give a shorter one.' },
};

/** A system error while writing, in words; anything else comes back as it is. */
function explainFileError(error: unknown, file: string): unknown {
  const explanation = EXPLANATIONS[systemErrorCode(error) ?? ''];
  return explanation === undefined ? error : new PrmError({ where: file, ...explanation, cause: error });
}
