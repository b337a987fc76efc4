// Opening dataset files: what is read, and what is refused with which words.
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { parquetWriteFile } from 'hyparquet-writer';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openSource, openSources } from '../../../server/src/datasets/openSource.ts';
import type { RowSource } from '../../../server/src/datasets/rowSource.ts';
import { writeStepwiseParquet } from '../../../scripts/lib/stepwiseParquet.ts';
import { stepwiseRows, writeJsonl } from '../../support/stepwise.ts';

const COLUMNS = ['prompt', 'completions', 'labels'];

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'sources-'));
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

function inFolder(name: string, contents?: string | Buffer): string {
  const file = path.join(folder, name);
  if (contents !== undefined) writeFileSync(file, contents);
  return file;
}

async function readAll(
  source: RowSource,
): Promise<{ number: number; fields: Record<string, unknown> | undefined }[]> {
  const rows = [];
  try {
    for await (const batch of source.batches(COLUMNS)) rows.push(...batch.rows);
  } finally {
    await source.close();
  }
  return rows;
}

async function refusal(file: string): Promise<string> {
  try {
    await readAll(await openSource(file));
  } catch (error) {
    return String(error instanceof Error ? error.message : error).replaceAll(`${folder}/`, '');
  }
  return 'not refused';
}

describe('Parquet', () => {
  it('gives the rows in order, numbered from 1, whatever the row groups', async () => {
    const rows = stepwiseRows(50);
    for (const rowGroupSize of [1, 7, 50]) {
      const file = inFolder('groups.parquet');
      writeStepwiseParquet(file, rows, { rowGroupSize });
      const read = await readAll(await openSource(file));
      expect(read.map(({ fields }) => fields)).toEqual(rows);
      expect(read.map(({ number }) => number)).toEqual(rows.map((_, index) => index + 1));
    }
  });

  it('reads a large row group in parts where its pages are indexed', async () => {
    const rows = stepwiseRows(20_000);
    const file = inFolder('indexed.parquet');
    writeStepwiseParquet(file, rows, { rowGroupSize: 20_000, pageSize: 4096 });
    const source = await openSource(file);
    const sizes: number[] = [];
    const read: unknown[] = [];
    for await (const batch of source.batches(COLUMNS)) {
      sizes.push(batch.rows.length);
      read.push(...batch.rows.map(({ fields }) => fields));
    }
    await source.close();
    expect(sizes).toEqual([8192, 8192, 3616]);
    expect(read).toEqual(rows);
  });

  it('is known by its first bytes, whatever its name', async () => {
    const file = inFolder('no-extension');
    writeStepwiseParquet(file, stepwiseRows(3));
    expect(await readAll(await openSource(file))).toHaveLength(3);
  });

  it('says which columns are missing where none of those asked for is there', async () => {
    const file = inFolder('columns.parquet');
    parquetWriteFile({
      filename: file,
      columnData: [
        { name: 'question', data: ['a'] },
        { name: 'answer', data: ['b'] },
      ],
    });
    expect(await refusal(file)).toBe(
      'columns.parquet: none of the columns prompt, completions, labels can be found (the file has question, answer). ' +
        'Give a dataset with step labels.',
    );
  });

  it('is refused when it is something else', async () => {
    expect(await refusal(inFolder('text.parquet', '{"prompt": "I am JSON"}\n'))).toBe(
      'text.parquet: not a Parquet file: it does not start with PAR1. Give a Parquet or JSONL file.',
    );
    expect(await refusal(inFolder('locked.parquet', 'PARE\0\0\0\0\0\0\0\0PARE'))).toBe(
      'locked.parquet: the Parquet file is encrypted. Give a plain one.',
    );
  });

  it('is refused when it is cut short, wherever', async () => {
    const whole = inFolder('whole.parquet');
    writeStepwiseParquet(whole, stepwiseRows(100));
    const bytes = readFileSync(whole);
    for (const length of [4, 11, 12, 500, bytes.length - 5, bytes.length - 1]) {
      const file = inFolder('cut.parquet', bytes.subarray(0, length));
      expect(await refusal(file)).toBe(
        'cut.parquet: the Parquet file is cut short or damaged: it does not end with PAR1. Copy or download it again.',
      );
    }
  });

  it('is refused when its footer or a page is damaged', async () => {
    const whole = inFolder('whole.parquet');
    writeStepwiseParquet(whole, stepwiseRows(100));
    const bytes = readFileSync(whole);
    const footer = Buffer.from(bytes);
    footer.writeUInt32LE(0x7fffffff, footer.length - 8);
    expect(await refusal(inFolder('footer.parquet', footer))).toMatch(
      /^footer\.parquet: the Parquet file is cut short or damaged: its footer cannot be read \(.+\)\. Copy or download it again\.$/,
    );
    const page = Buffer.from(bytes);
    page.fill(0xff, 4, 200);
    expect(await refusal(inFolder('page.parquet', page))).toMatch(
      /^page\.parquet: the Parquet file is cut short or damaged: rows 1 to 100 cannot be read \(.+\)\. Copy or download it again\.$/,
    );
  });

  it('is refused when its footer names a column that its schema lacks', async () => {
    const whole = inFolder('whole.parquet');
    writeStepwiseParquet(whole, stepwiseRows(100));
    const bytes = readFileSync(whole);
    // The last `element` stands in the path of a column chunk, after the schema.
    bytes.write('e1ement', bytes.lastIndexOf('element'));
    expect(await refusal(inFolder('path.parquet', bytes))).toBe(
      'path.parquet: the Parquet file is cut short or damaged: its footer cannot be read ' +
        '(a column is not in the schema). Copy or download it again.',
    );
  });

  it('is refused when it shrinks while it is read', async () => {
    const file = inFolder('shrinks.parquet');
    writeStepwiseParquet(file, stepwiseRows(100));
    const source = await openSource(file);
    truncateSync(file, 100);
    await expect(readAll(source)).rejects.toThrow('rows 1 to 100 cannot be read (the file ends too early)');
  });
});

describe('files of other kinds', () => {
  it.each([
    [
      'empty.jsonl',
      '',
      'the file is empty. Give a Parquet (.parquet), JSONL (.jsonl, .jsonl.gz) or JSON (.json) file.',
    ],
    [
      'wide.jsonl',
      Buffer.from('\uFEFF{"a": 1}', 'utf16le'),
      'the file is written in UTF-16. Save it as UTF-8.',
    ],
    [
      'packed.gz',
      gzipSync('Dear diary'),
      'the file is neither Parquet nor JSONL nor JSON. Give a Parquet (.parquet), JSONL (.jsonl, .jsonl.gz) or JSON (.json) file.',
    ],
    [
      'notes.txt',
      'Dear diary',
      'the file is neither Parquet nor JSONL nor JSON. Give a Parquet (.parquet), JSONL (.jsonl, .jsonl.gz) or JSON (.json) file.',
    ],
  ])('%s', async (name, contents, message) => {
    expect(await refusal(inFolder(name, contents))).toBe(`${name}: ${message}`);
  });

  it('a folder', async () => {
    mkdirSync(path.join(folder, 'a-folder'));
    expect(await refusal(path.join(folder, 'a-folder'))).toBe(
      'a-folder: this is a folder, not a dataset file. Give a Parquet (.parquet), JSONL (.jsonl, .jsonl.gz) or JSON (.json) file.',
    );
  });

  it('a file that is not there', async () => {
    expect(await refusal(path.join(folder, 'none.jsonl'))).toBe(
      'none.jsonl: there is no such file. Check the path, or give a dataset id as owner/name.',
    );
  });

  // Root may read everything.
  it.skipIf(process.getuid?.() === 0)('a file that may not be read', async () => {
    const file = inFolder('secret.jsonl', '{}');
    chmodSync(file, 0);
    expect(await refusal(file)).toBe('secret.jsonl: the file may not be read. Change its permissions.');
  });
});

describe('several files', () => {
  it('are one source with rows numbered through', async () => {
    const rows = stepwiseRows(20);
    writeStepwiseParquet(path.join(folder, 'part-1.parquet'), rows.slice(0, 12), { rowGroupSize: 5 });
    writeJsonl(path.join(folder, 'part-2.jsonl'), rows.slice(12));
    const source = await openSources([
      path.join(folder, 'part-1.parquet'),
      path.join(folder, 'part-2.jsonl'),
    ]);
    expect(source.files.map(({ kind }) => kind)).toEqual(['parquet', 'jsonl']);
    const read = await readAll(source);
    expect(read.map(({ fields }) => fields)).toEqual(rows);
    expect(read.map(({ number }) => number)).toEqual(rows.map((_, index) => index + 1));
  });
});
