// Opens a dataset file as a table by what it holds, whatever its name says.
import { open, stat } from 'node:fs/promises';
import path from 'node:path';
import { PrmError, systemErrorCode } from '../../support/errors.ts';
import { openParquetTable } from './parquet/parquetTable.ts';
import type { Table } from './table.ts';
import { LineCutter } from './text/lineCutter.ts';
import { openPlain } from './text/textSource.ts';
import { TextTable, type TextFormat } from './text/textTable.ts';

const KINDS = 'Give a Parquet (.parquet), JSONL (.jsonl, .jsonl.gz) or JSON (.json) file.';

const LINES = {
  kind: 'jsonl',
  unit: 'line',
  numbers: 'line',
  grows: true,
  cutter: (place) => new LineCutter(place),
} satisfies TextFormat;

/**
 * @param file path of a Parquet, JSONL or JSON file
 * @throws PrmError where it is not there, cannot be read, is a folder, empty or of another kind
 */
export async function openTable(file: string): Promise<Table> {
  const absolute = path.resolve(file);
  try {
    const stats = await stat(absolute);
    if (stats.isDirectory()) {
      throw new PrmError({ where: file, what: 'this is a folder, not a dataset file', remedy: KINDS });
    }
    if (!stats.isFile()) {
      // A pipe cannot be read twice, and a device never ends.
      throw new PrmError({ where: file, what: 'this is no ordinary file', remedy: KINDS });
    }
    if (stats.size === 0) throw new PrmError({ where: file, what: 'the file is empty', remedy: KINDS });
    return await openByContent(absolute);
  } catch (error) {
    throw explained(error, file);
  }
}

async function openByContent(file: string): Promise<Table> {
  const head = await firstBytes(file);
  if (path.extname(file).toLowerCase() === '.parquet' || head.toString('latin1', 0, 4) === 'PAR1') {
    return openParquetTable(file);
  }
  return TextTable.open(await openPlain(file), LINES);
}

async function firstBytes(file: string): Promise<Buffer> {
  const handle = await open(file);
  try {
    const head = Buffer.alloc(4096);
    const { bytesRead } = await handle.read(head, 0, head.length, 0);
    return head.subarray(0, bytesRead);
  } finally {
    await handle.close();
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
