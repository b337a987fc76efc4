// The cache on disk that all Hugging Face tools share: refs/, blobs/ and snapshots/ of a repository.
// https://huggingface.co/docs/huggingface_hub/guides/manage-cache
import { copyFile, readdir, readFile, rename, rm, stat, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { systemErrorCode } from '../errors.ts';
import { makeFolder } from '../makeFolder.ts';

/** What a repository of the Hub holds. */
export type RepositoryKind = 'dataset' | 'model';

export class RepositoryCache {
  readonly folder: string;

  /**
   * @param cache the folder of all repositories
   * @param id `owner/name`
   */
  constructor(cache: string, kind: RepositoryKind, id: string) {
    this.folder = path.join(cache, [`${kind}s`, ...id.split('/')].join('--'));
  }

  /** The commit that a branch or tag had when it was last downloaded, or the revision itself where it is a commit. */
  async commitOf(revision: string): Promise<string | undefined> {
    if (await exists(path.join(this.folder, 'snapshots', revision))) return revision;
    const ref = await unlessMissing(readFile(path.join(this.folder, 'refs', revision), 'utf8'));
    const commit = ref?.trim();
    if (commit === undefined || !(await exists(path.join(this.folder, 'snapshots', commit))))
      return undefined;
    return commit;
  }

  /** The files of a commit that are here: their paths inside the repository, in order, and bytes. */
  async filesOf(commit: string): Promise<Map<string, number>> {
    const snapshot = path.join(this.folder, 'snapshots', commit);
    const entries = (await unlessMissing(readdir(snapshot, { recursive: true }))) ?? [];
    const files = new Map<string, number>();
    for (const entry of entries.sort()) {
      // A link whose blob was cleaned away is no file.
      const stats = await unlessMissing(stat(path.join(snapshot, entry)));
      if (stats?.isFile()) files.set(entry.split(path.sep).join('/'), stats.size);
    }
    return files;
  }

  pathOf(commit: string, file: string): string {
    return path.join(this.folder, 'snapshots', commit, ...file.split('/'));
  }

  /** Where the bytes of a file lie, named by their hash (`etag`). */
  blob(etag: string): string {
    return path.join(this.folder, 'blobs', etag);
  }

  /** Bytes of a blob that are here: of the whole one, and of what broken downloads left. */
  async bytesOfBlob(etag: string): Promise<{ complete: number | undefined; partial: number }> {
    const complete = (await unlessMissing(stat(this.blob(etag))))?.size;
    const partial = (await unlessMissing(stat(`${this.blob(etag)}.incomplete`)))?.size ?? 0;
    return { complete, partial };
  }

  /** Makes a downloaded blob the file of a commit. */
  async link(commit: string, file: string, etag: string): Promise<void> {
    const target = this.pathOf(commit, file);
    await makeFolder(path.dirname(target));
    await rm(target, { force: true });
    try {
      await symlink(path.relative(path.dirname(target), this.blob(etag)), target);
    } catch (error) {
      // Windows without the right to make links, or a disk that has none.
      if (!['EPERM', 'ENOSYS', 'ENOTSUP'].includes(systemErrorCode(error) ?? '')) throw error;
      await copyFile(this.blob(etag), target);
    }
  }

  /** Remembers what a branch or tag points to; called when its files are complete. */
  async writeRef(revision: string, commit: string): Promise<void> {
    if (revision === commit) return;
    const ref = path.join(this.folder, 'refs', revision);
    await makeFolder(path.dirname(ref));
    await writeFile(`${ref}.tmp`, commit);
    await rename(`${ref}.tmp`, ref);
  }
}

async function exists(file: string): Promise<boolean> {
  return (await unlessMissing(stat(file))) !== undefined;
}

async function unlessMissing<T>(reading: Promise<T>): Promise<T | undefined> {
  try {
    return await reading;
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes(systemErrorCode(error) ?? '')) return undefined;
    throw error;
  }
}
