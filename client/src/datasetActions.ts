// What the dataset page's buttons do outside the page: clipboard, documents, files.
import * as path from 'node:path';
import * as vscode from 'vscode';
import { type PageAction } from '../../protocol/src/datasetPage.ts';
import {
  DATASET_ROW_TEXT,
  EXPORT_VIEW,
  VIEW_FORMATS,
  type ExportedView,
  type ViewFormat,
} from '../../protocol/src/datasets.ts';
import type { DatasetDocument } from './datasetDocument.ts';
import { showFailure, withoutLinks } from './failures.ts';
import { withProgress } from './progress.ts';
import type { Server } from './server.ts';

/** How long the status bar says what was copied, milliseconds. */
const SAYS_COPIED_FOR = 3_000;
/** An export that is done earlier shows no progress, milliseconds. */
const PROGRESS_AFTER = 300;

const FORMATS: Record<ViewFormat, { label: string; description: string }> = {
  jsonl: { label: 'JSON Lines', description: 'one JSON object a line; keeps every value' },
  csv: { label: 'CSV', description: 'for spreadsheets; lists and objects are written as JSON' },
  parquet: { label: 'Parquet', description: 'typed columns, compressed' },
};

/** @throws as the server's requests do; where the person goes back, nothing happens */
export async function actOnDataset(
  action: PageAction,
  document: DatasetDocument,
  server: Server,
): Promise<void> {
  switch (action.kind) {
    case 'copy': {
      const { position, trace, format } = action;
      const { text } = await document.ask(DATASET_ROW_TEXT, { position, trace, format });
      await vscode.env.clipboard.writeText(text);
      const as = format === 'json' ? 'JSON' : 'text';
      vscode.window.setStatusBarMessage(`Copied the row as ${as}`, SAYS_COPIED_FOR);
      return;
    }
    case 'open-steps': {
      const { position, trace } = action;
      const { text } = await document.ask(DATASET_ROW_TEXT, { position, trace, format: 'steps' });
      const opened = await vscode.workspace.openTextDocument({ language: 'prm-steps', content: text });
      await vscode.window.showTextDocument(opened, { preview: false });
      return;
    }
    case 'export':
      return exportRows(action.view ?? undefined, document, server);
    case 'format':
      await vscode.commands.executeCommand('prm.formatDataset', document.uri);
      return;
    case 'open-text':
      await vscode.commands.executeCommand('vscode.openWith', document.uri, 'default');
      return;
    case 'reload':
      return document.open();
  }
}

/** @param view the whole file where undefined */
async function exportRows(
  view: string | undefined,
  document: DatasetDocument,
  server: Server,
): Promise<void> {
  const name = path.parse(document.uri.fsPath).name.replace(/\.jsonl$/, '');
  const format = await askFormat();
  if (format === undefined) return;
  const target = await vscode.window.showSaveDialog({
    title: 'Export rows',
    saveLabel: 'Export',
    filters: { [FORMATS[format].label]: [format] },
    defaultUri: vscode.Uri.joinPath(document.uri, '..', `${name}-rows.${format}`),
  });
  if (target === undefined) return;
  if (target.scheme !== 'file') throw new Error('Rows can be exported to files on this machine only.');
  const exported = await withProgress(
    server,
    EXPORT_VIEW,
    {
      dataset: document.dataset,
      ...(view === undefined ? {} : { view }),
      format,
      file: target.fsPath,
    },
    { title: `PRM: exporting to ${path.basename(target.fsPath)}`, showAfter: PROGRESS_AFTER },
  );
  // Not awaited: a message stays until it is dismissed.
  tell(exported, format).catch((error: unknown) => showFailure(error));
}

async function askFormat(): Promise<ViewFormat | undefined> {
  const choices = VIEW_FORMATS.map((value) => ({ ...FORMATS[value], value }));
  const chosen = await vscode.window.showQuickPick(choices, {
    title: 'PRM: Export Rows',
    placeHolder: 'The format of the new file',
  });
  return chosen?.value;
}

async function tell({ file, rows, notes }: ExportedView, format: ViewFormat): Promise<void> {
  const open = 'Open';
  const message = [`${rows.toLocaleString('en')} rows were written to ${file}.`, ...notes].join(' ');
  const chosen = await vscode.window.showInformationMessage(withoutLinks(message), open);
  if (chosen !== open) return;
  if (format === 'csv') await vscode.commands.executeCommand('vscode.open', vscode.Uri.file(file));
  else await vscode.commands.executeCommand('prm.openDataset', { path: file });
}
