// The training dashboard's panel: carries what the page asks to the server, and the server's answers to the page.
import * as vscode from 'vscode';
import { LIST_RUNS, RUN_CHART, type FromDashboard, type ToDashboard } from '../../protocol/src/dashboard.ts';
import { STOP_RUN } from '../../protocol/src/requests.ts';
import { pageHtml } from './pageHtml.ts';
import type { Server } from './server.ts';

/** Between two looks at the runs while the page is visible, milliseconds. */
const INTERVAL = 1000;
/** Points of a chart's training line: more than a wide screen has pixels for. */
const POINTS = 2000;

/** One panel a window; it asks nothing while it is hidden. */
export class Dashboard {
  readonly #server: Server;
  readonly #extensionUri: vscode.Uri;
  #panel: vscode.WebviewPanel | undefined;
  #selected: string | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(server: Server, extensionUri: vscode.Uri) {
    this.#server = server;
    this.#extensionUri = extensionUri;
  }

  open(): void {
    if (this.#panel !== undefined) {
      this.#panel.reveal();
      return;
    }
    const pages = vscode.Uri.joinPath(this.#extensionUri, 'dist', 'webview');
    const panel = vscode.window.createWebviewPanel(
      'prm.dashboard',
      'PRM Training',
      vscode.ViewColumn.Active,
      { enableScripts: true, localResourceRoots: [pages] },
    );
    this.#panel = panel;
    panel.webview.onDidReceiveMessage((message: FromDashboard) => this.#receive(message));
    panel.onDidChangeViewState(() => this.#look());
    panel.onDidDispose(() => {
      this.#panel = undefined;
      clearTimeout(this.#timer);
    });
    panel.webview.html = pageHtml(panel.webview, pages, 'dashboard', 'PRM Training');
  }

  dispose(): void {
    this.#panel?.dispose();
  }

  /** Asks for news now, and again after the interval for as long as the page is visible. */
  #look(): void {
    clearTimeout(this.#timer);
    if (this.#panel?.visible !== true) return;
    this.#tell()
      .catch((error: unknown) =>
        this.#post({ type: 'problem', message: error instanceof Error ? error.message : String(error) }),
      )
      .finally(() => {
        clearTimeout(this.#timer);
        this.#timer = setTimeout(() => this.#look(), INTERVAL);
      });
  }

  async #tell(): Promise<void> {
    this.#post({ type: 'runs', runs: await this.#server.request(LIST_RUNS, {}) });
    const folder = this.#selected;
    if (folder === undefined) return;
    const chart = await this.#server.request(RUN_CHART, { folder, points: POINTS });
    if (chart !== null) this.#post({ type: 'chart', folder, chart });
  }

  #post(message: ToDashboard): void {
    void this.#panel?.webview.postMessage(message);
  }

  #receive(message: FromDashboard): void {
    switch (message.type) {
      case 'ready':
        this.#look();
        break;
      case 'select':
        this.#selected = message.folder;
        this.#look();
        break;
      case 'stop':
        this.#server.request(STOP_RUN, { folder: message.folder }).then(
          () => this.#look(),
          (error: Error) => this.#post({ type: 'problem', message: error.message }),
        );
        break;
      case 'use':
        void vscode.commands.executeCommand('prm.selectModel', {
          model: vscode.Uri.joinPath(vscode.Uri.file(message.folder), 'best_model').fsPath,
        });
        break;
      case 'reveal':
        void vscode.commands.executeCommand('revealFileInOS', vscode.Uri.file(message.folder));
        break;
    }
  }
}
