// What a Parquet file says about itself, for people: cut to what can be shown.
import type { FileMetaData } from 'hyparquet';
import type { FileSchema } from '../../../../../protocol/src/datasetSummary.ts';

const LISTED_GROUPS = 200;
const LISTED_KEY_VALUES = 50;
const LONGEST_VALUE = 500;

export function describeSchema(metadata: FileMetaData): NonNullable<FileSchema['parquet']> {
  const groups = metadata.row_groups;
  const codecs = new Set(
    groups.flatMap(({ columns }) => columns.map((column) => column.meta_data?.codec ?? '?')),
  );
  return {
    createdBy: metadata.created_by === undefined ? null : cut(metadata.created_by),
    codecs: [...codecs].sort(),
    rowGroups: groups.slice(0, LISTED_GROUPS).map((group) => ({
      rows: Number(group.num_rows),
      bytes: Number(group.total_byte_size),
      compressedBytes: group.columns.reduce(
        (sum, column) => sum + Number(column.meta_data?.total_compressed_size ?? 0),
        0,
      ),
    })),
    moreRowGroups: Math.max(0, groups.length - LISTED_GROUPS),
    keyValues: (metadata.key_value_metadata ?? [])
      .slice(0, LISTED_KEY_VALUES)
      .map(({ key, value }) => ({ key: cut(key), value: cut(value ?? '') })),
  };
}

function cut(text: string): string {
  return text.length <= LONGEST_VALUE ? text : `${text.slice(0, LONGEST_VALUE)}…`;
}
