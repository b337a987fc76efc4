// Opens a local dataset file by what it holds, whatever its name says.
import { open, stat } from 'node:fs/promises';
import path from 'node:path';
import { PrmError, systemErrorCode } from '../support/errors.ts';
import { openJsonl } from './jsonl.ts';
import { openParquet, PARQUET_MAGIC } from './parquet.ts';
import type { RowSource } from './rowSource.ts';

const KINDS = 'Give a Parquet (.parquet) or JSONL (.jsonl) file.';

/**
 * @param file path of a Parquet or JSONL file
 * @throws PrmError where it is not there, cannot be read, is a folder, empty or of another kind
 */
export async function openSource(file: string): Promise<RowSource> {
  try {
    const { size } = await statFile(file);
    if (size === 0) throw new PrmError({ where: file, what: 'the file is empty', remedy: KINDS });
    if (await isParquet(file)) return await openParquet(file);
    return await openJsonl(file);
  } catch (error) {
    throw explained(error, file);
  }
}

/**
 * Opens the files of one dataset as one source; rows are numbered through.
 * @throws PrmError as `openSource`
 */
export async function openSources(files: readonly string[]): Promise<RowSource> {
  const sources: RowSource[] = [];
  const close = async (): Promise<void> => {
    for (const source of sources) await source.close();
  };
  try {
    for (const file of files) sources.push(await openSource(file));
  } catch (error) {
    await close();
    throw error;
  }
  const [first] = sources;
  return first !== undefined && sources.length === 1 ? first : { ...joined(sources), close };
}

function joined(sources: readonly RowSource[]): Omit<RowSource, 'close'> {
  return {
    files: sources.flatMap(({ files }) => files),
    extent: sources.reduce((sum, { extent }) => sum + extent, 0),
    async *batches(columns, signal) {
      let rowsBefore = 0;
      let positionBefore = 0;
      for (const source of sources) {
        let last = 0;
        for await (const { rows, position } of source.batches(columns, signal)) {
          last = rows.at(-1)?.number ?? last;
          yield {
            rows: rows.map((row) => ({ ...row, number: rowsBefore + row.number })),
            position: positionBefore + position,
          };
        }
        rowsBefore += last;
        positionBefore += source.extent;
      }
    },
  };
}

async function statFile(file: string): Promise<{ size: number }> {
  const stats = await stat(file);
  if (stats.isDirectory()) {
    throw new PrmError({ where: file, what: 'this is a folder, not a dataset file', remedy: KINDS });
  }
  if (!stats.isFile()) {
    // A pipe cannot be read twice, and a device never ends.
    throw new PrmError({ where: file, what: 'this is no ordinary file', remedy: KINDS });
  }
  return stats;
}

async function isParquet(file: string): Promise<boolean> {
  const extension = path.extname(file).toLowerCase();
  if (extension === '.parquet') return true;
  const handle = await open(file);
  try {
    const head = Buffer.alloc(16);
    const { bytesRead } = await handle.read(head, 0, head.length, 0);
    if (head.toString('latin1', 0, 4) === PARQUET_MAGIC) return true;
    checkText(head.subarray(0, bytesRead), file);
    return false;
  } finally {
    await handle.close();
  }
}

/** Refuses early what would otherwise be reported as thousands of broken lines. */
function checkText(head: Buffer, file: string): void {
  const utf16 = (head[0] === 0xff && head[1] === 0xfe) || (head[0] === 0xfe && head[1] === 0xff);
  if (utf16) {
    throw new PrmError({ where: file, what: 'the file is written in UTF-16', remedy: 'Save it as UTF-8.' });
  }
  if (head[0] === 0x1f && head[1] === 0x8b) {
    throw new PrmError({ where: file, what: 'the file is compressed with gzip', remedy: 'Unpack it first.' });
  }
  const first = head
    .toString('utf8')
    .replace(/^\uFEFF/, '')
    .trimStart();
  if (first.startsWith('[')) {
    throw new PrmError({
      where: file,
      what: 'the file is one JSON array, not JSONL',
      remedy: 'Write one JSON object a line.',
    });
  }
  // With a name that says JSONL, a first line that is broken is one broken line.
  const namedJsonl = ['.jsonl', '.ndjson', '.json'].includes(path.extname(file).toLowerCase());
  if (!namedJsonl && !first.startsWith('{')) {
    throw new PrmError({ where: file, what: 'the file is neither Parquet nor JSONL', remedy: KINDS });
  }
}

function explained(error: unknown, file: string): unknown {
  const code = systemErrorCode(error);
  if (code === 'ENOENT' || code === 'ENOTDIR') {
    const remedy = 'Check the path, or give a dataset id as owner/name.';
    return new PrmError({ where: file, what: 'there is no such file', remedy, cause: error });
  }
  if (code === 'EACCES' || code === 'EPERM') {
    const remedy = 'Change its permissions.';
    return new PrmError({ where: file, what: 'the file may not be read', remedy, cause: error });
  }
  return error;
}
