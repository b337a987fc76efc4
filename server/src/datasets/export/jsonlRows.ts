// Rows as JSONL: each row's own fields, in its own order, so that null, missing and empty stay what they are.
import type { ExportNotes } from './exportNotes.ts';
import { jsonValue } from './jsonValue.ts';
import type { OutputFile } from './outputFile.ts';
import type { RowEncoder } from './rowFile.ts';
import { TextBuffer } from './textBuffer.ts';

export function jsonlRows(output: OutputFile, notes: ExportNotes): RowEncoder {
  const buffer = new TextBuffer(output);
  return {
    write: (fields) => buffer.add(`${JSON.stringify(jsonValue(fields, notes))}\n`),
    end: () => buffer.flush(),
  };
}
