// One panel of the dataset editor: carries what its page asks to the server, and the answers and news to the page.
import { randomUUID } from 'node:crypto';
import * as vscode from 'vscode';
import { PAGE_REQUESTS, type FromDatasetPage, type ToDatasetPage } from '../../protocol/src/datasetPage.ts';
import { DATASET_SUMMARY } from '../../protocol/src/datasetSummary.ts';
import { actOnDataset } from './datasetActions.ts';
import type { DatasetDocument } from './datasetDocument.ts';
import { ServerFailure, showFailure } from './failures.ts';
import { pageHtml } from './pageHtml.ts';
import type { Server } from './server.ts';

export class DatasetPanel {
  readonly document: DatasetDocument;
  readonly panel: vscode.WebviewPanel;
  readonly #server: Server;
  readonly #asked = new Map<number, vscode.CancellationTokenSource>();
  #news: vscode.Disposable | undefined;

  /** @param pages folder of the page bundles */
  constructor(document: DatasetDocument, panel: vscode.WebviewPanel, server: Server, pages: vscode.Uri) {
    this.document = document;
    this.panel = panel;
    this.#server = server;
    panel.webview.options = { enableScripts: true, localResourceRoots: [pages] };
    panel.webview.onDidReceiveMessage((message: FromDatasetPage) => this.#receive(message));
    panel.onDidDispose(() => this.#forget());
    panel.webview.html = pageHtml(panel.webview, pages, 'dataset', 'Dataset');
  }

  post(message: ToDatasetPage): void {
    void this.panel.webview.postMessage(message);
  }

  /** What the page asked before it was hidden, reloaded or closed: nobody waits for it, and nothing answers it. */
  #forget(): void {
    this.#news?.dispose();
    for (const cancellation of this.#asked.values()) cancellation.cancel();
    this.#asked.clear();
  }

  #receive(message: FromDatasetPage): void {
    switch (message.type) {
      case 'ready':
        // A page that was hidden is a new one when it is shown again.
        this.#forget();
        this.#news = this.document.addPage((news) => this.post(news));
        break;
      case 'ask':
        void this.#ask(message);
        break;
      case 'cancel':
        this.#asked.get(message.id)?.cancel();
        break;
      case 'do':
        actOnDataset(message.action, this.document, this.#server).catch((error: unknown) =>
          showFailure(error),
        );
        break;
    }
  }

  async #ask({ id, method, params }: Extract<FromDatasetPage, { type: 'ask' }>): Promise<void> {
    const cancellation = new vscode.CancellationTokenSource();
    this.#asked.set(id, cancellation);
    // The next page of this panel counts its questions from 1 again: what the last one asked must not answer them.
    const answer = (message: ToDatasetPage): void => {
      if (this.#asked.get(id) === cancellation) this.post(message);
    };
    const workDoneToken = randomUUID();
    const progress = this.#server.onProgress(workDoneToken, (value) => {
      if (value.kind === 'report' && value.percentage !== undefined) {
        answer({ type: 'progress', id, share: value.percentage / 100 });
      }
    });
    try {
      if (!PAGE_REQUESTS.includes(method)) throw new Error(`The page may not ask for ${method}.`);
      const given = method === DATASET_SUMMARY.method ? { ...params, workDoneToken } : params;
      const result: unknown = await this.document.ask({ method }, given, cancellation.token);
      answer({ type: 'answer', id, result });
    } catch (error) {
      const cancelled = error instanceof vscode.CancellationError;
      answer({
        type: 'refused',
        id,
        message: error instanceof Error ? error.message : String(error),
        cancelled,
      });
      // The page has no buttons for these.
      if (error instanceof ServerFailure && error.failure.actions.length > 0) void showFailure(error);
    } finally {
      progress.dispose();
      if (this.#asked.get(id) === cancellation) this.#asked.delete(id);
      cancellation.dispose();
    }
  }
}
