// The language server: every feature is one file in this folder and one line here.
import {
  DidChangeConfigurationNotification,
  TextDocumentSyncKind,
  type Connection,
  type InitializeResult,
} from 'vscode-languageserver/node';
import { TRUST_GRANTED } from '../../../protocol/src/requests.ts';
import { serveAnswerCache } from './answerCache.ts';
import { Datasets, serveDatasets } from './datasets.ts';
import { Diagnostics } from './diagnostics.ts';
import { serveDownloads } from './downloading.ts';
import { serveFormatting } from './formatting.ts';
import { serveGenerating } from './generating.ts';
import { serveHover } from './hover.ts';
import { serveInlayHints } from './inlayHints.ts';
import { serveMeasuring } from './measuring.ts';
import { ModelHost } from './modelHost.ts';
import { serveModelList } from './modelList.ts';
import { serveRunDashboard } from './runDashboard.ts';
import { RowBook } from './rows/rowBook.ts';
import { registerRowFeatures, serveRowFeatures } from './rows/rowFeatures.ts';
import { RunBook } from './runBook.ts';
import { RunWatch } from './runWatch.ts';
import { ScoreBook } from './scoreBook.ts';
import { serveScoring } from './scoring.ts';
import { serveTraining } from './training.ts';
import { Workplace, type Bundles } from './workplace.ts';

/** Serves until the client says `exit`; the caller listens on the connection. */
export function startLanguageServer(connection: Connection, bundles: Bundles): void {
  const workplace = new Workplace(connection, bundles);
  const book = new ScoreBook();
  const rows = new RowBook(workplace);
  const diagnostics = new Diagnostics(workplace, rows);
  const host = new ModelHost(workplace);
  const runBook = new RunBook();
  const runs = new RunWatch(workplace, runBook);
  const datasets = new Datasets(workplace);

  serveScoring(workplace, book, host);
  serveInlayHints(workplace, book, rows);
  serveHover(workplace, book, rows);
  serveRowFeatures(workplace, rows);
  serveFormatting(workplace);
  serveGenerating(workplace);
  serveTraining(workplace, runBook, runs);
  serveMeasuring(workplace);
  serveModelList(workplace);
  serveRunDashboard(workplace, runBook);
  serveDatasets(workplace, datasets, host);
  serveDownloads(workplace);
  serveAnswerCache(workplace);

  const logged = (work: Promise<unknown>): void => {
    work.catch((error: unknown) => workplace.log(String(error)));
  };

  async function settingsChanged(): Promise<void> {
    await workplace.readSettings();
    host.tellStatus();
    workplace.refreshHints();
    diagnostics.settingsChanged();
  }

  connection.onInitialize((params): InitializeResult => {
    workplace.initialize(params);
    return {
      serverInfo: { name: 'PRM Workbench' },
      capabilities: {
        textDocumentSync: { openClose: true, change: TextDocumentSyncKind.Incremental },
        hoverProvider: true,
        inlayHintProvider: true,
        workspace: { workspaceFolders: { supported: true, changeNotifications: true } },
      },
    };
  });

  connection.onInitialized(() => {
    logged(connection.client.register(DidChangeConfigurationNotification.type));
    logged(registerRowFeatures(connection));
    connection.workspace.onDidChangeWorkspaceFolders(() => {
      logged(foldersChanged());
    });
    logged(settingsChanged());
    logged(runs.find());
    datasets.prepare();
  });

  async function foldersChanged(): Promise<void> {
    const folders = await connection.workspace.getWorkspaceFolders();
    workplace.setFolders((folders ?? []).map(({ uri }) => uri));
    host.tellStatus();
    await runs.find();
  }

  connection.onDidChangeConfiguration(() => logged(settingsChanged()));

  workplace.onNotification(TRUST_GRANTED, () => {
    workplace.trusted = true;
    workplace.refreshLenses();
    logged(settingsChanged());
    logged(runs.find());
  });

  connection.onShutdown(async () => {
    workplace.closing = true;
    runs.dispose();
    diagnostics.dispose();
    await Promise.all([datasets.dispose(), host.dispose()]);
  });

  workplace.documents.listen(connection);
}
