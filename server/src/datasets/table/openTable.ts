// Opens a dataset file as a table by what it holds, whatever its name says.
import { open, stat } from 'node:fs/promises';
import path from 'node:path';
import { PrmError, systemErrorCode } from '../../support/errors.ts';
import { ENCRYPTED_MAGIC, PARQUET_MAGIC } from './parquet/footer.ts';
import { openParquetTable } from './parquet/parquetTable.ts';
import type { Table } from './table.ts';
import { LineCutter } from './text/lineCutter.ts';
import { ElementCutter } from './text/elementCutter.ts';
import { openGzip } from './text/gzip.ts';
import { openPlain, type TextSource } from './text/textSource.ts';
import { TextTable, type TextFormat } from './text/textTable.ts';

const KINDS = 'Give a Parquet (.parquet), JSONL (.jsonl, .jsonl.gz) or JSON (.json) file.';
/** What is looked at to tell what a file is: longer than nearly every first line. */
const FIRST_BYTES = 64 << 10;

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
  const extension = path.extname(file).toLowerCase();
  const head = await firstBytes(file);
  const isParquet = [PARQUET_MAGIC, ENCRYPTED_MAGIC].includes(head.toString('latin1', 0, 4));
  if (isParquet || extension === '.parquet') return openParquetTable(file);
  const packed = head[0] === 0x1f && head[1] === 0x8b;
  const inner = packed ? path.extname(path.basename(file, path.extname(file))).toLowerCase() : extension;
  const source = packed ? await openGzip(file) : await openPlain(file);
  try {
    const first = packed ? await beginningOf(source) : head;
    if (first.length === 0) {
      const what =
        source.fault === undefined
          ? 'the file is empty'
          : `${source.fault.reason} (${source.fault.detail ?? ''})`;
      throw new PrmError({ where: file, what, remedy: KINDS });
    }
    const text = checkText(first, file, inner);
    const shape = shapeOf(text, inner);
    return await TextTable.open(source, {
      ...FORMATS[shape],
      ...(packed ? { kind: 'jsonl.gz', grows: false } : {}),
    });
  } catch (error) {
    await source.close();
    throw error;
  }
}

const FORMATS = {
  lines: {
    kind: 'jsonl',
    unit: 'line',
    numbers: 'line',
    grows: true,
    cutter: (place) => new LineCutter(place),
  },
  array: {
    kind: 'json',
    unit: 'row',
    numbers: 'row',
    grows: false,
    cutter: (place) => new ElementCutter(true, place),
  },
  values: {
    kind: 'json',
    unit: 'row',
    numbers: 'row',
    grows: false,
    cutter: (place) => new ElementCutter(false, place),
  },
} satisfies Record<string, TextFormat>;

/** JSONL unless it begins as one array, or its first line is only the beginning of an object. */
function shapeOf(text: string, extension: string): keyof typeof FORMATS {
  const start = text.trimStart();
  if (start.startsWith('[')) return namedLines(extension) && !/^\[\s*(\{|$)/.test(start) ? 'lines' : 'array';
  if (!start.startsWith('{') || namedLines(extension)) return 'lines';
  const [line = '', ...more] = start.split('\n');
  return more.length === 0 || endsItself(line) ? 'lines' : 'values';
}

/** With a name that says JSONL, a first line that is broken is one broken line. */
function namedLines(extension: string): boolean {
  return ['.jsonl', '.ndjson'].includes(extension);
}

/** Whether the first line is a whole value, or broken in another way than being cut off. */
function endsItself(text: string): boolean {
  const [line = ''] = text.split('\n');
  const cutter = new ElementCutter(false, { offset: 0, line: 1 });
  let values = 0;
  cutter.add(Buffer.from(`${line}\n`), () => values++);
  return values > 0 || cutter.fault !== undefined;
}

async function beginningOf(source: TextSource): Promise<Buffer> {
  const beginning = Buffer.alloc(FIRST_BYTES);
  const available = await source.available(0);
  return beginning.subarray(0, await source.read(beginning.subarray(0, Math.min(FIRST_BYTES, available)), 0));
}

/** Refuses early what would otherwise be reported as thousands of broken lines. */
function checkText(head: Buffer, file: string, extension: string): string {
  if ((head[0] === 0xff && head[1] === 0xfe) || (head[0] === 0xfe && head[1] === 0xff)) {
    throw new PrmError({ where: file, what: 'the file is written in UTF-16', remedy: 'Save it as UTF-8.' });
  }
  if (head.toString('latin1', 0, 4) === PARQUET_MAGIC) {
    const what = 'the file is a Parquet file, compressed with gzip once more';
    throw new PrmError({ where: file, what, remedy: 'Unpack it first.' });
  }
  const text = head.toString('utf8').replace(/^\uFEFF/, '');
  const named = ['.jsonl', '.ndjson', '.json'].includes(extension);
  if (!named && !/^\s*[[{]/.test(text)) {
    throw new PrmError({
      where: file,
      what: 'the file is neither Parquet nor JSONL nor JSON',
      remedy: KINDS,
    });
  }
  return text;
}

async function firstBytes(file: string): Promise<Buffer> {
  const handle = await open(file);
  try {
    const head = Buffer.alloc(FIRST_BYTES);
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
