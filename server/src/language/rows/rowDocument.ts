// A document that may be a dataset: where its rows are, and which layout its first rows have.
//
// Documents have up to 50 MB and change with each key. So nothing here reads a whole document: rows are lines, read one
// by one when asked for, and what was read is kept by content.
import { createHash } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import type { TextDocument } from 'vscode-languageserver-textdocument';
import type { SourceRow } from '../../datasets/rowSource.ts';
import { openLayout, type OpenedLayout } from '../../datasets/layouts/recognise.ts';
import type { Region } from '../region.ts';
import { listRows } from './listRows.ts';
import { readFields, readPlacedRow, type PlacedRow, type ReadRow } from './rowReading.ts';

/** A row's JSON text and its offset in the document. */
export interface RowText {
  text: string;
  start: number;
  /** As people count rows. */
  number: number;
}

/** The layout of a document's first rows, with a reader. */
export interface RowLayout extends OpenedLayout {
  read: ReadRow;
}

interface Recognised {
  opened: RowLayout | undefined;
  /** Offset behind the rows that were looked at. */
  sampleEnd: number;
  /** Nothing before `sampleEnd` changed since. */
  isFresh: boolean;
}

/** Rows that say which layout a document has, and how much of it is read for that, in UTF-16 units. */
const SAMPLE_ROWS = 50;
const SAMPLE_CHARACTERS = 1_000_000;
/** A row that is larger is not read in an editor. UTF-16 units. */
const LONGEST_ROW = 10_000_000;
/** Rows kept with their places, and how much text they may have together. */
const KEPT = { max: 2000, maxSize: LONGEST_ROW };

const JSON_LANGUAGES = new Set(['json', 'jsonl', 'jsonlines', 'ndjson']);
const JSON_FILES = /\.(?:jsonl|ndjson|jsonlines|json)$/i;
const LINE_FILES = /\.(?:jsonl|ndjson|jsonlines)$/i;

/** Whether a document can hold rows at all, by its name and language. */
export function mayHoldRows({ uri, languageId }: TextDocument): boolean {
  return JSON_LANGUAGES.has(languageId) || (languageId !== 'jsonc' && JSON_FILES.test(uri));
}

export class RowDocument {
  readonly document: TextDocument;
  readonly #kept = new LRUCache<string, { placed: PlacedRow | undefined }>(KEPT);
  #layout: Recognised | undefined;
  #list: { version: number; rows: RowText[] } | undefined;

  constructor(document: TextDocument) {
    this.document = document;
  }

  /** A row a line, as in a .jsonl file; else the rows are the items of one list. */
  get isLines(): boolean {
    if (LINE_FILES.test(this.document.uri)) return true;
    if (!/^json$/.test(this.document.languageId)) return true;
    return !/^\s*\[/.test(this.document.getText().slice(0, 1000));
  }

  /** Undefined where no layout fits: then the document is no dataset, and nobody's business here. */
  get layout(): RowLayout | undefined {
    if (this.#layout?.isFresh !== true) this.#layout = this.#recognise(this.#layout?.opened);
    return this.#layout.opened;
  }

  /** Names the layout and its reading: another name, and everything must be read again. Empty: no layout. */
  get layoutName(): string {
    return nameOf(this.layout);
  }

  /** Takes an edit that begins at an offset. One that touches the first rows may change the layout. */
  edited(start: number): void {
    if (this.#layout !== undefined && start <= this.#layout.sampleEnd) this.#layout.isFresh = false;
  }

  /** The rows that lie in a region or touch it, in order. */
  *rowsIn({ start, end }: Region): Generator<RowText> {
    if (!this.isLines) {
      for (const row of this.#listRows()) {
        if (row.start > end) return;
        if (row.start + row.text.length >= start) yield row;
      }
      return;
    }
    const first = this.document.positionAt(start).line;
    const last = this.document.positionAt(end).line;
    for (let line = first; line <= last; line++) {
      const row = this.rowOnLine(line);
      if (row !== undefined) yield row;
    }
  }

  /** Undefined for a blank line and one that is too long. */
  rowOnLine(line: number): RowText | undefined {
    const start = this.document.offsetAt({ line, character: 0 });
    const end = this.document.offsetAt({ line: line + 1, character: 0 });
    if (end - start > LONGEST_ROW) return undefined;
    // A byte order mark stands before the first row; TextDocument keeps it.
    const text = this.document.getText().slice(start, end);
    const lead = /^[\s\uFEFF]*/.exec(text)?.[0].length ?? 0;
    const trimmed = text.slice(lead).trimEnd();
    return trimmed === '' ? undefined : { text: trimmed, start: start + lead, number: line + 1 };
  }

  /** A row with the places of its steps; undefined where it cannot be read. */
  read({ text }: RowText): PlacedRow | undefined {
    const { layout } = this;
    if (layout === undefined) return undefined;
    // By a digest: a part of the text as key would keep the whole document of that moment in memory.
    const key = `${nameOf(layout)} ${createHash('sha1').update(text).digest('base64')}`;
    let kept = this.#kept.get(key);
    if (kept === undefined) {
      kept = { placed: readPlacedRow(text, layout.read) };
      this.#kept.set(key, kept, { size: text.length });
    }
    return kept.placed;
  }

  #listRows(): RowText[] {
    const { version } = this.document;
    if (this.#list?.version !== version) {
      this.#list = { version, rows: listRows(this.document.getText()) };
    }
    return this.#list.rows;
  }

  /** @param before what counts further while the first rows are half typed */
  #recognise(before: RowLayout | undefined): Recognised {
    const sample: SourceRow[] = [];
    let read = 0;
    /** While there are fewer rows, an edit anywhere may add one. */
    let sampleEnd = Infinity;
    for (const { text, start, number } of this.rowsIn({ start: 0, end: this.document.getText().length })) {
      const fields = readFields(text);
      sample.push({ number, fields, ...(fields === undefined ? { fault: { reason: 'not a row' } } : {}) });
      read += text.length;
      if (sample.length < SAMPLE_ROWS && read <= SAMPLE_CHARACTERS) continue;
      sampleEnd = start + text.length;
      break;
    }
    const opened = openLayout(sample);
    const isFresh = true;
    if (opened.read !== undefined) return { opened: { ...opened, read: opened.read }, sampleEnd, isFresh };
    const isBroken = sample.some(({ fields }) => fields === undefined);
    return { opened: isBroken ? before : undefined, sampleEnd, isFresh };
  }
}

function nameOf(layout: RowLayout | undefined): string {
  return layout === undefined ? '' : `${layout.report.layout} ${layout.options.completions}`;
}
