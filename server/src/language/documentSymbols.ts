// The outline: rows of a dataset with their steps, or the problem and the steps of a `.steps` document.
import { SymbolKind, type DocumentSymbol, type Range } from 'vscode-languageserver/node';
import type { TextDocument } from 'vscode-languageserver-textdocument';
import { shortened } from './markdown.ts';
import type { Region } from './region.ts';
import type { RowBook } from './rows/rowBook.ts';
import type { RowDocument, RowText } from './rows/rowDocument.ts';
import type { PlacedRow } from './rows/rowReading.ts';
import { pathOfSteps, pathsOfRow, readStepsDocument, type LabelledPath } from './rows/stepLabels.ts';
import { labelMark } from './words.ts';
import type { Workplace } from './workplace.ts';

/** A client asks for the whole outline after each edit: it is that of a document's beginning. */
const MOST_ROWS = 1000;
const MOST_STEPS = 10_000;
const MOST_STEPS_OF_ROW = 200;
/** UTF-16 units of rows that are read. */
const MOST_TEXT = 2_000_000;
/** UTF-16 units of a name. */
const LONGEST_NAME = 80;

export function serveDocumentSymbols(workplace: Workplace, book: RowBook): void {
  workplace.connection.onDocumentSymbol(({ textDocument }): DocumentSymbol[] | null => {
    const document = workplace.documents.get(textDocument.uri);
    if (document === undefined) return null;
    const reading = readStepsDocument(document);
    if (reading !== undefined) {
      const steps = stepSymbols(document, [pathOfSteps(reading)], MOST_STEPS);
      const { problem } = reading;
      return problem === undefined
        ? steps
        : [symbol(document, problem, `Problem: ${problem.text}`, SymbolKind.Field), ...steps];
    }
    const rows = book.get(textDocument.uri);
    return rows?.layout === undefined ? null : rowSymbols(rows);
  });
}

function rowSymbols(rows: RowDocument): DocumentSymbol[] {
  const symbols: DocumentSymbol[] = [];
  let [text, steps] = [0, 0];
  for (const row of rows.rowsIn({ start: 0, end: rows.document.getText().length })) {
    text += row.text.length;
    if (text > MOST_TEXT || symbols.length === MOST_ROWS || steps > MOST_STEPS) break;
    const placed = rows.read(row);
    if (placed === undefined) continue;
    const one = rowSymbol(rows.document, row, placed);
    steps += one.children?.length ?? 0;
    symbols.push(one);
  }
  return symbols;
}

function rowSymbol(document: TextDocument, row: RowText, placed: PlacedRow): DocumentSymbol {
  const paths = pathsOfRow(row, placed);
  const region = { start: row.start, end: row.start + row.text.length };
  const [main] = paths;
  const count = main?.trace.steps.length ?? 0;
  const facts = [
    ...(paths.length > 1 ? [`${paths.length} paths`] : []),
    `${count} ${count === 1 ? 'step' : 'steps'}`,
    ...(main?.firstError == null ? [] : [`first wrong ${main.firstError + 1}`]),
  ];
  return {
    ...symbol(document, region, `${row.number}: ${placed.row.problem}`, SymbolKind.Object),
    detail: facts.join(', '),
    children: stepSymbols(document, paths, MOST_STEPS_OF_ROW),
  };
}

function stepSymbols(document: TextDocument, paths: readonly LabelledPath[], most: number): DocumentSymbol[] {
  const symbols: DocumentSymbol[] = [];
  for (const { trace, places, firstError } of paths) {
    for (const [index, place] of places.entries()) {
      const step = trace.steps[index];
      if (place === undefined || step === undefined) continue;
      if (symbols.length === most) return symbols;
      const mark = labelMark(step, index === firstError && trace.alternativeAt === undefined);
      const name = `${index + 1}: ${step.text}`;
      symbols.push(symbol(document, place, mark === '' ? name : `${mark} ${name}`, SymbolKind.String));
    }
  }
  return symbols;
}

function symbol(document: TextDocument, region: Region, name: string, kind: SymbolKind): DocumentSymbol {
  const range: Range = { start: document.positionAt(region.start), end: document.positionAt(region.end) };
  const plain = shortened(
    name
      .slice(0, 4 * LONGEST_NAME)
      .replace(/\s+/g, ' ')
      .trim(),
    LONGEST_NAME,
  );
  return { name: plain, kind, range, selectionRange: range };
}
