// Code lenses on the rows of a dataset that is open as text: open it as a table, format it, score a row.
import type { CodeLens, Command } from 'vscode-languageserver/node';
import { URI } from 'vscode-uri';
import type { CommandId, ForPerson } from '../../../protocol/src/commands.ts';
import type { RowBook } from './rows/rowBook.ts';
import type { RowDocument, RowText } from './rows/rowDocument.ts';
import type { Workplace } from './workplace.ts';

/** A client asks for all lenses of a document at once: with more rows or text, only the first row has some. */
const MOST_ROWS = 300;
const LONGEST_DOCUMENT = 2_000_000;

export function serveCodeLenses(workplace: Workplace, book: RowBook): void {
  workplace.connection.onCodeLens(({ textDocument }): CodeLens[] => {
    const rows = book.get(textDocument.uri);
    return rows?.layout === undefined ? [] : lensesOf(rows, workplace.trusted);
  });
}

function lensesOf(rows: RowDocument, canScore: boolean): CodeLens[] {
  const { document } = rows;
  const file = URI.parse(document.uri);
  const lenses: CodeLens[] = [];
  for (const row of lensRows(rows)) {
    const range = {
      start: document.positionAt(row.start),
      end: document.positionAt(row.start + row.text.length),
    };
    // A lens stands above a line; where it is told to end there, clients need not look at the whole row.
    const at = { start: range.start, end: range.start };
    if (lenses.length === 0 && file.scheme === 'file') {
      lenses.push(
        { range: at, command: openLens(file.fsPath) },
        { range: at, command: formatLens(document.uri) },
      );
    }
    if (canScore && rows.read(row) !== undefined) {
      const given: ForPerson<'prm.scoreSelection'> = { forPerson: { uri: document.uri, range } };
      lenses.push({ range: at, command: lens('Score', 'prm.scoreSelection', given) });
    }
  }
  return lenses;
}

/** All rows of a small document, the first row of a large one. */
function lensRows(rows: RowDocument): RowText[] {
  const { document } = rows;
  const end = document.getText().length;
  const found: RowText[] = [];
  for (const row of rows.rowsIn({ start: 0, end })) {
    found.push(row);
    if (end > LONGEST_DOCUMENT || found.length > MOST_ROWS) return found.slice(0, 1);
  }
  return found;
}

function openLens(path: string): Command {
  const given: ForPerson<'prm.openDataset'> = { forPerson: { path } };
  return lens('Open as Dataset', 'prm.openDataset', given);
}

/** A URI instead of an object: the command asks for what else it needs, as when it is called from a file's menu. */
function formatLens(uri: string): Command {
  return lens('Format…', 'prm.formatDataset', uri);
}

function lens(title: string, command: CommandId, argument: unknown): Command {
  return { title, command, arguments: [argument] };
}
