// The training dashboard's panel: one a window, there again after a reload.
import * as vscode from 'vscode';
import { LIST_RUNS, RUN_CHART, RUN_REPORT, type FromDashboard } from '../../protocol/src/dashboard.ts';
import { actOnRun } from './dashboardActions.ts';
import { DashboardFeed } from './dashboardFeed.ts';
import { showFailure } from './failures.ts';
import { pageHtml } from './pageHtml.ts';
import type { RunPlaces } from './runPlaces.ts';
import type { Server } from './server.ts';

const VIEW_TYPE = 'prm.dashboard';
const TITLE = 'PRM Training';

export class Dashboard implements vscode.WebviewPanelSerializer {
  readonly #server: Server;
  readonly #places: RunPlaces;
  readonly #pages: vscode.Uri;
  readonly #feed: DashboardFeed;
  readonly #registered: vscode.Disposable;
  #panel: vscode.WebviewPanel | undefined;

  constructor(server: Server, places: RunPlaces, extensionUri: vscode.Uri) {
    this.#server = server;
    this.#places = places;
    this.#pages = vscode.Uri.joinPath(extensionUri, 'dist', 'webview');
    this.#feed = new DashboardFeed({
      runs: async () => server.request(LIST_RUNS, { elsewhere: await places.list() }),
      chart: (params) => server.request(RUN_CHART, params),
      report: (folder) => server.request(RUN_REPORT, { folder }),
      post: (message) => void this.#panel?.webview.postMessage(message),
    });
    this.#registered = vscode.window.registerWebviewPanelSerializer(VIEW_TYPE, this);
  }

  /** Opens the panel or brings it to the front. `preserveFocus`: the person goes on where they are. */
  open({ preserveFocus = false } = {}): void {
    if (this.#panel !== undefined) {
      if (!preserveFocus || !this.#panel.visible) this.#panel.reveal(undefined, preserveFocus);
      return;
    }
    this.#adopt(
      vscode.window.createWebviewPanel(VIEW_TYPE, TITLE, {
        viewColumn: vscode.ViewColumn.Active,
        preserveFocus,
      }),
    );
  }

  /** VS Code puts the panel back after a reload of the window; the page keeps its own state. */
  deserializeWebviewPanel(panel: vscode.WebviewPanel): Promise<void> {
    if (this.#panel === undefined) this.#adopt(panel);
    else panel.dispose();
    return Promise.resolve();
  }

  dispose(): void {
    this.#registered.dispose();
    this.#feed.dispose();
    this.#panel?.dispose();
  }

  #adopt(panel: vscode.WebviewPanel): void {
    this.#panel = panel;
    panel.webview.options = { enableScripts: true, localResourceRoots: [this.#pages] };
    panel.webview.onDidReceiveMessage((message: FromDashboard) => this.#receive(message));
    panel.onDidChangeViewState(() => this.#feed.show(panel.visible));
    panel.onDidDispose(() => {
      this.#feed.show(false);
      this.#panel = undefined;
    });
    panel.webview.html = pageHtml(panel.webview, this.#pages, 'dashboard', TITLE);
    this.#feed.show(panel.visible);
  }

  #receive(message: FromDashboard): void {
    if (message.type === 'ready') {
      this.#places.lookAgain();
      this.#feed.begin();
    } else if (message.type === 'watch') {
      this.#feed.watch(message);
    } else {
      actOnRun(message, this.#server).then(
        () => this.#feed.look(),
        (error: unknown) => showFailure(error),
      );
    }
  }
}
