// An open dataset in the editor: one dataset at the server, however many panels show it.
import * as vscode from 'vscode';
import { type ToDatasetPage } from '../../protocol/src/datasetPage.ts';
import {
  CLOSE_DATASET,
  OPEN_DATASET,
  type DatasetInfo,
  type DatasetNews,
  type ViewNews,
} from '../../protocol/src/datasets.ts';
import type { RequestName } from '../../protocol/src/requests.ts';
import { ServerFailure } from './failures.ts';
import type { Server } from './server.ts';

type State =
  | { name: 'opening' }
  /** `gone`: what was said about a file that is away, for pages that come later. */
  | { name: 'open'; info: DatasetInfo; gone?: DatasetNews }
  | { name: 'failed'; message: string; remedy?: string }
  | { name: 'closed' };

export class DatasetDocument implements vscode.CustomDocument {
  readonly uri: vscode.Uri;
  readonly #server: Server;
  readonly #pages = new Set<(message: ToDatasetPage) => void>();
  readonly #restarts: vscode.Disposable;
  readonly #onDispose: () => void;
  #state: State = { name: 'opening' };
  /** Counts openings: the answer to an earlier one is not wanted any more. */
  #opening = 0;

  constructor(uri: vscode.Uri, server: Server, onDispose: () => void) {
    this.uri = uri;
    this.#server = server;
    this.#onDispose = onDispose;
    // A server that was started anew knows nothing of this dataset.
    this.#restarts = server.onStarted(() => {
      if (this.#state.name !== 'opening') void this.open();
    });
  }

  get info(): DatasetInfo | undefined {
    return this.#state.name === 'open' ? this.#state.info : undefined;
  }

  /** Opens it, or opens it anew, and tells the pages; never rejects. */
  async open(): Promise<void> {
    const opening = ++this.#opening;
    const before = this.info;
    this.#state = { name: 'opening' };
    if (before !== undefined) this.#close(before);
    const state = await this.#opened();
    if (opening === this.#opening) {
      this.#state = state;
      this.#pages.forEach((post) => this.#tellState(post));
    } else if (state.name === 'open') {
      this.#close(state.info);
    }
  }

  /** Asks about this dataset. @throws Error where it is not open; otherwise as the server's `request` */
  ask<Params extends { dataset: string }, Result>(
    name: RequestName<Params, Result>,
    params: Omit<Params, 'dataset'>,
    token?: vscode.CancellationToken,
  ): Promise<Result> {
    // TypeScript cannot see that Omit and the missing field make up the whole.
    return this.#server.request(name, { ...params, dataset: this.dataset } as Params, token);
  }

  /** Its name at the server. @throws Error where it is not open */
  get dataset(): string {
    if (this.info === undefined) throw new Error('This dataset is not open. Reload it.');
    return this.info.dataset;
  }

  /** From now on the page hears what happens to the dataset, after how it stands now. */
  addPage(post: (message: ToDatasetPage) => void): vscode.Disposable {
    this.#pages.add(post);
    this.#tellState(post);
    return new vscode.Disposable(() => this.#pages.delete(post));
  }

  changed(news: DatasetNews): void {
    if (this.#state.name !== 'open' || news.dataset !== this.#state.info.dataset) return;
    const { change } = news;
    if (change.kind === 'known') this.#state.info = { ...this.#state.info, known: change.known };
    if (change.kind === 'gone') this.#state.gone = news;
    if ('info' in change) this.#state = { name: 'open', info: change.info };
    this.#pages.forEach((post) => post({ type: 'dataset', news }));
  }

  viewChanged(news: ViewNews): void {
    if (news.dataset === this.info?.dataset) this.#pages.forEach((post) => post({ type: 'view', news }));
  }

  dispose(): void {
    this.#restarts.dispose();
    this.#opening++;
    if (this.info !== undefined) this.#close(this.info);
    this.#state = { name: 'closed' };
    this.#onDispose();
  }

  async #opened(): Promise<State> {
    if (this.uri.scheme !== 'file') {
      return {
        name: 'failed',
        message: `Only files on this machine can be opened as a dataset, and this is ${this.uri.scheme}:`,
        remedy: 'Save it as a file first.',
      };
    }
    try {
      return { name: 'open', info: await this.#server.request(OPEN_DATASET, { path: this.uri.fsPath }) };
    } catch (error) {
      return failed(error);
    }
  }

  #tellState(post: (message: ToDatasetPage) => void): void {
    const state = this.#state;
    if (state.name === 'open') {
      post({ type: 'opened', info: state.info });
      if (state.gone !== undefined) post({ type: 'dataset', news: state.gone });
    }
    if (state.name === 'failed') {
      const { message, remedy } = state;
      post({ type: 'failed', message, ...(remedy === undefined ? {} : { remedy }) });
    }
  }

  #close({ dataset }: DatasetInfo): void {
    // A server that is gone, or was started anew, has closed it already.
    this.#server.request(CLOSE_DATASET, { dataset }).catch(() => undefined);
  }
}

function failed(error: unknown): State {
  if (!(error instanceof ServerFailure)) {
    return { name: 'failed', message: error instanceof Error ? error.message : String(error) };
  }
  const { what, where, remedy } = error.failure;
  return {
    name: 'failed',
    message: `${where === undefined ? '' : `${where}: `}${what}.`,
    ...(remedy === undefined ? {} : { remedy }),
  };
}
