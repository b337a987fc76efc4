// Entry point of the extension host: wiring only.
import * as vscode from 'vscode';
import { TRUST_GRANTED } from '../../protocol/src/requests.ts';
import { CacheView } from './cacheView.ts';
import { registerCommands } from './commands/index.ts';
import { Dashboard } from './dashboard.ts';
import { DatasetEditors } from './datasetEditor.ts';
import { showFailure } from './failures.ts';
import { ModelServers } from './modelServers.ts';
import { RecentModels } from './recentModels.ts';
import { provideReports } from './reports.ts';
import { RunPlaces } from './runPlaces.ts';
import { Runs } from './runs.ts';
import { Server } from './server.ts';
import { showStatus } from './status.ts';

export function activate(context: vscode.ExtensionContext): void {
  const server = new Server(context);
  const runs = new Runs(server, context.workspaceState);
  const places = new RunPlaces(context.workspaceState);
  const recentModels = new RecentModels(context.globalState);
  const servers = new ModelServers(context.globalState, context.secrets, (key) => server.hide(key));
  const dashboard = new Dashboard(server, places, context.extensionUri);
  const datasets = new DatasetEditors(server, context.extensionUri);
  const cache = new CacheView(server);
  context.subscriptions.push(
    server,
    runs,
    places,
    dashboard,
    datasets,
    cache,
    provideReports(),
    showStatus(server),
    registerCommands({ server, runs, places, recentModels, servers, dashboard, datasets, cache }),
    vscode.workspace.onDidGrantWorkspaceTrust(() => void server.notify(TRUST_GRANTED, {})),
  );
  // Commands wait for the server themselves; activation does not, so that they are there at once.
  server.start().catch((error: unknown) => showFailure(error));
}
