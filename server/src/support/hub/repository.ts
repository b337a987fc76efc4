// A repository of the Hugging Face Hub at one commit: what it lists, and its files through the cache.
import { datasetInfo, listFiles, modelInfo } from '@huggingface/hub';
import { PrmError } from '../errors.ts';
import { download, type Checksum } from './download.ts';
import type { RepositoryCache, RepositoryKind } from './hubCache.ts';
import type { HubSettings } from './hubSettings.ts';
import { patientFetch } from './patientFetch.ts';

export interface RepositoryId {
  kind: RepositoryKind;
  /** `owner/name` */
  id: string;
  /** Branch, tag or commit. */
  revision: string;
}

export interface RepositoryFile {
  bytes: number;
  checksum: Checksum;
}

export interface Repository {
  /** What the revision is now. */
  commit: string;
  /** By path inside the repository. */
  files: ReadonlyMap<string, RepositoryFile>;
  /** Files of this commit that were on this machine before, with their bytes. */
  before: ReadonlyMap<string, number>;
  /** Bytes that are still to be downloaded of a listed file, as far as the cache tells. */
  missingBytes: (file: string) => Promise<number>;
  /**
   * Downloads a listed file into the cache, unless it is there.
   * @param onBytes bytes of the file that are here
   * @throws PrmError as `download`
   */
  fetchFile: (file: string, onBytes: (bytes: number) => void) => Promise<void>;
}

/** @throws HubApiError where the Hub refuses, TypeError where it cannot be reached, PrmError where its answer is unsafe */
export async function openRepository(
  { kind, id, revision }: RepositoryId,
  cache: RepositoryCache,
  settings: HubSettings,
  signal: AbortSignal | undefined,
): Promise<Repository> {
  const { commit, files } = await list({ kind, id, revision }, settings, signal);
  const before = await cache.filesOf(commit);
  const folder = `${settings.endpoint}/${kind === 'dataset' ? 'datasets/' : ''}${id}/resolve/${commit}`;
  const fetchFile = async (file: string, onBytes: (bytes: number) => void): Promise<void> => {
    const listed = files.get(file);
    if (listed === undefined || before.get(file) === listed.bytes) return;
    // Another commit may have had the same file.
    const isHere = (await cache.bytesOfBlob(listed.checksum.hash)).complete === listed.bytes;
    if (!isHere) await fetchBlob(file, listed, onBytes);
    await cache.link(commit, file, listed.checksum.hash);
  };
  const fetchBlob = (file: string, listed: RepositoryFile, onBytes: (bytes: number) => void): Promise<void> =>
    download({
      url: `${folder}/${file.split('/').map(encodeURIComponent).join('/')}`,
      target: cache.blob(listed.checksum.hash),
      token: settings.token,
      signal,
      onBytes,
      ...listed,
    });
  const missingBytes = async (file: string): Promise<number> => {
    const listed = files.get(file);
    if (listed === undefined || before.get(file) === listed.bytes) return 0;
    const { complete, partial } = await cache.bytesOfBlob(listed.checksum.hash);
    return complete === listed.bytes ? 0 : Math.max(0, listed.bytes - partial);
  };
  return { commit, files, before, missingBytes, fetchFile };
}

async function list(
  { kind, id, revision }: RepositoryId,
  { endpoint, token }: HubSettings,
  signal: AbortSignal | undefined,
): Promise<Pick<Repository, 'commit' | 'files'>> {
  const request = {
    hubUrl: endpoint,
    fetch: (input: RequestInfo | URL, init?: RequestInit) =>
      patientFetch(input, { ...init, signal: signal ?? null }),
    ...(token !== undefined && { accessToken: token }),
  };
  const wanted = { name: id, revision, ...request };
  const { sha: commit } =
    kind === 'dataset'
      ? await datasetInfo({ ...wanted, additionalFields: ['sha'] })
      : await modelInfo({ ...wanted, additionalFields: ['sha'] });
  checkedHash(commit, endpoint);
  const files = new Map<string, RepositoryFile>();
  const repo = { type: kind, name: id };
  for await (const entry of listFiles({ repo, recursive: true, revision: commit, ...request })) {
    const { lfs, oid, size } = entry;
    if (entry.type !== 'file' || oid === undefined || !staysInside(entry.path)) continue;
    // Large files are named by the SHA-256 of their bytes, others by git's hash; so does the cache.
    files.set(
      entry.path,
      lfs === undefined
        ? { bytes: size, checksum: { kind: 'git', hash: checkedHash(oid, endpoint) } }
        : { bytes: lfs.size, checksum: { kind: 'lfs', hash: checkedHash(lfs.oid, endpoint) } },
    );
  }
  return { commit, files };
}

/** SHA-1 or SHA-256. */
const HASH = /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/;

/**
 * Snapshots and blobs of the cache are named by what the server says: it must not choose places outside of them.
 * @throws PrmError where the text is no hash
 */
function checkedHash(text: string, endpoint: string): string {
  if (HASH.test(text)) return text;
  throw new PrmError({
    where: endpoint,
    what: `the server named a file or commit ${JSON.stringify(text)}, which is no hash`,
    remedy: 'Check HF_ENDPOINT, or download the files yourself and give their path.',
  });
}

/** Whether a path of a listing leads to a place below the folder that it is joined to, on every system. */
function staysInside(file: string): boolean {
  return !/[\\\0]/.test(file) && file.split('/').every((part) => !['', '.', '..'].includes(part));
}
