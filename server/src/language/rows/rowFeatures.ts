// Features that only datasets and `.steps` documents have: the editor is told to ask for them there and nowhere else.
import {
  CodeLensRequest,
  DocumentSymbolRequest,
  FoldingRangeRequest,
  type Connection,
  type DocumentSelector,
} from 'vscode-languageserver/node';
import { serveCodeLenses } from '../codeLenses.ts';
import { serveDocumentSymbols } from '../documentSymbols.ts';
import { serveFolding } from '../folding.ts';
import { STEPS_LANGUAGE } from '../reading.ts';
import type { Workplace } from '../workplace.ts';
import type { RowBook } from './rowBook.ts';

const DATASETS: DocumentSelector = [
  { language: 'json' },
  { language: 'jsonl' },
  { pattern: '**/*.{jsonl,ndjson,jsonlines}' },
];
const STEPS: DocumentSelector = [{ language: STEPS_LANGUAGE }];

export function serveRowFeatures(workplace: Workplace, book: RowBook): void {
  serveCodeLenses(workplace, book);
  serveDocumentSymbols(workplace, book);
  serveFolding(workplace, book);
}

export async function registerRowFeatures({ client }: Connection): Promise<void> {
  const documentSelector = [...DATASETS, ...STEPS];
  await client.register(CodeLensRequest.type, { documentSelector: DATASETS });
  await client.register(DocumentSymbolRequest.type, { documentSelector, label: 'PRM Workbench' });
  await client.register(FoldingRangeRequest.type, { documentSelector });
}
