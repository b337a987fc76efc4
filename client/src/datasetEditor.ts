// The dataset editor: a read-only custom editor over files that text editors cannot show, or not as a table.
import * as path from 'node:path';
import * as vscode from 'vscode';
import { DATASET_CHANGED, VIEW_CHANGED } from '../../protocol/src/datasets.ts';
import { DatasetDocument } from './datasetDocument.ts';
import { DatasetPanel } from './datasetPanel.ts';
import type { Server } from './server.ts';

/** The default for files that are no text, and an offer beside the text editor; package.json says for which names. */
const VIEW_TYPES = { binary: 'prm.dataset', text: 'prm.datasetText' } as const;

/** Opens a file in the dataset editor, whatever its name. */
export async function openDatasetEditor(file: string): Promise<void> {
  const isBinary = /\.(parquet|jsonl\.gz)$/i.test(file);
  await vscode.commands.executeCommand(
    'vscode.openWith',
    vscode.Uri.file(path.resolve(file)),
    isBinary ? VIEW_TYPES.binary : VIEW_TYPES.text,
  );
}

export class DatasetEditors implements vscode.CustomReadonlyEditorProvider<DatasetDocument> {
  readonly #server: Server;
  readonly #pages: vscode.Uri;
  readonly #documents = new Set<DatasetDocument>();
  readonly #panels = new Set<DatasetPanel>();
  readonly #registered: vscode.Disposable;

  constructor(server: Server, extensionUri: vscode.Uri) {
    this.#server = server;
    this.#pages = vscode.Uri.joinPath(extensionUri, 'dist', 'webview');
    this.#registered = vscode.Disposable.from(
      server.onNotification(DATASET_CHANGED, (news) => this.#documents.forEach((each) => each.changed(news))),
      server.onNotification(VIEW_CHANGED, (news) =>
        this.#documents.forEach((each) => each.viewChanged(news)),
      ),
      ...Object.values(VIEW_TYPES).map((viewType) =>
        vscode.window.registerCustomEditorProvider(viewType, this, {
          // A hidden page is ended; it keeps its own state and asks for its rows again.
          webviewOptions: { retainContextWhenHidden: false },
          supportsMultipleEditorsPerDocument: true,
        }),
      ),
    );
  }

  /** The panel that has the focus. */
  get active(): DatasetPanel | undefined {
    return [...this.#panels].find(({ panel }) => panel.active);
  }

  openCustomDocument(uri: vscode.Uri): DatasetDocument {
    const document: DatasetDocument = new DatasetDocument(uri, this.#server, () =>
      this.#documents.delete(document),
    );
    this.#documents.add(document);
    // Not awaited: the panel is there at once, and says how it goes.
    void document.open();
    return document;
  }

  resolveCustomEditor(document: DatasetDocument, webviewPanel: vscode.WebviewPanel): void {
    const panel = new DatasetPanel(document, webviewPanel, this.#server, this.#pages);
    this.#panels.add(panel);
    webviewPanel.onDidDispose(() => this.#panels.delete(panel));
  }

  dispose(): void {
    this.#registered.dispose();
  }
}
