// Folding: long problems and steps of a `.steps` document, rows of a list in a .json document.
import type { FoldingRange } from 'vscode-languageserver/node';
import type { TextDocument } from 'vscode-languageserver-textdocument';
import type { Region } from './region.ts';
import type { RowBook } from './rows/rowBook.ts';
import { readStepsDocument } from './rows/stepLabels.ts';
import type { Workplace } from './workplace.ts';

const MOST_RANGES = 5000;

/** null where there is nothing to say: the editor then folds by indentation. */
export function serveFolding(workplace: Workplace, book: RowBook): void {
  workplace.connection.onFoldingRanges(({ textDocument }): FoldingRange[] | null => {
    const document = workplace.documents.get(textDocument.uri);
    if (document === undefined) return null;
    const reading = readStepsDocument(document);
    if (reading !== undefined) {
      const { problem, steps } = reading;
      const regions = steps.map(({ start, end, mark }) => ({ start, end: mark?.end ?? end }));
      return foldable(document, problem === undefined ? regions : [problem, ...regions]);
    }
    const rows = book.get(textDocument.uri);
    if (rows?.layout === undefined || rows.isLines) return null;
    const all = [...rows.rowsIn({ start: 0, end: document.getText().length })];
    return foldable(
      document,
      all.map(({ start, text }) => ({ start, end: start + text.length })),
    );
  });
}

function foldable(document: TextDocument, regions: readonly Region[]): FoldingRange[] {
  const ranges = regions.map(({ start, end }) => ({
    startLine: document.positionAt(start).line,
    endLine: document.positionAt(end).line,
  }));
  return ranges.filter(({ startLine, endLine }) => startLine < endLine).slice(0, MOST_RANGES);
}
