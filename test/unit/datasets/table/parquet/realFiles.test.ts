// Every file of apache/parquet-testing: its values equal those that DuckDB reads, or it is refused for a clear reason.
import { readdirSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { openTable } from '../../../../../server/src/datasets/table/openTable.ts';
import { duckdbRows, normalForm } from '../../../../support/normalForm.ts';

const FOLDER = path.join(import.meta.dirname, '../../../../fixtures/parquet-testing');
const FILES = readdirSync(FOLDER).filter((file) => file.endsWith('.parquet'));

type Row = Record<string, unknown>;

async function rowsOf(file: string): Promise<Row[]> {
  const table = await openTable(path.join(FOLDER, file));
  try {
    const rows: Row[] = [];
    for await (const batch of table.batches(undefined)) {
      for (const { fields } of batch.rows) rows.push(normalForm(fields) as Row);
    }
    expect(rows).toHaveLength(table.known.rows);
    return rows;
  } finally {
    await table.close();
  }
}

/** Refused on purpose; DuckDB reads the first two, because it does not look at checksums. */
const REFUSED: Record<string, string> = {
  'datapage_v1-corrupt-checksum.parquet':
    "the Parquet file is cut short or damaged: rows 1 to 5120 cannot be read (a page's checksum does not fit its bytes in the column a). Copy or download it again.",
  'rle-dict-uncompressed-corrupt-checksum.parquet':
    "the Parquet file is cut short or damaged: rows 1 to 1000 cannot be read (a page's checksum does not fit its bytes in the column long_field). Copy or download it again.",
  // One string of 1 GB: longer than any string of V8 can be, also for DuckDB's Node package.
  'large_string_map.brotli.parquet':
    'row 1 cannot be read (a page says that it unpacks to 1074 MB, more than is safe in the column arr). Write the file again with smaller pages or another codec.',
};

/** Files that DuckDB refuses: what else shows that the values are right. */
const WITHOUT_DUCKDB: Record<string, (rows: Row[]) => Promise<void> | void> = {
  // Hadoop's LZ4, and LZ4 under the old name without its frames: the same rows are there as LZ4_RAW.
  'hadoop_lz4_compressed.parquet': sameAs('lz4_raw_compressed.parquet'),
  'hadoop_lz4_compressed_larger.parquet': sameAs('lz4_raw_compressed_larger.parquet'),
  'non_hadoop_lz4_compressed.parquet': sameAs('lz4_raw_compressed.parquet'),
  // BYTE_STREAM_SPLIT of whole numbers: each column is there a second time, as PLAIN.
  'byte_stream_split_extended.gzip.parquet': (rows) => {
    expect(rows).toHaveLength(200);
    for (const row of rows) {
      const split = Object.keys(row).filter((name) => name.endsWith('_byte_stream_split'));
      expect(split).toHaveLength(7);
      for (const name of split) expect(row[name]).toEqual(row[name.replace('_byte_stream_split', '_plain')]);
    }
  },
  // A map without values; its keys are a list in the column beside it.
  'map_no_value.parquet': (rows) => {
    expect(rows.map((row) => (row.my_map_no_v as { key_value: { key: number }[] }).key_value)).toEqual(
      rows.map((row) => (row.my_list as number[]).map((key) => ({ key }))),
    );
  },
};

function sameAs(other: string): (rows: Row[]) => Promise<void> {
  return async (rows) => {
    expect(rows).toEqual(await rowsOf(other));
  };
}

/** The one value that DuckDB gives otherwise: a time beyond its calendar, which runs over; we say the seconds. */
const DIFFERENT: Record<string, { row: number; ours: Row }> = {
  'int96_from_spark.parquet': { row: 5, ours: { a: '-9357363680509 s since 1970' } },
};

describe('apache/parquet-testing', () => {
  it('is there as a whole', () => {
    expect(FILES.length).toBeGreaterThan(60);
    const named = [REFUSED, WITHOUT_DUCKDB, DIFFERENT].flatMap((table) => Object.keys(table));
    expect(FILES).toEqual(expect.arrayContaining(named));
  });

  it.each(FILES)('%s', async (file) => {
    const refusal = REFUSED[file];
    if (refusal !== undefined) {
      await expect(rowsOf(file)).rejects.toThrow(refusal);
      return;
    }
    const rows = await rowsOf(file);
    const other = WITHOUT_DUCKDB[file];
    if (other !== undefined) {
      await expect(duckdbRows(path.join(FOLDER, file))).rejects.toThrow();
      await other(rows);
      return;
    }
    const expected = await duckdbRows(path.join(FOLDER, file));
    const different = DIFFERENT[file];
    if (different !== undefined) expected[different.row] = different.ours;
    expect(rows).toEqual(expected);
  });
});
