// The language server's process, seen from the extension: start, restart, requests, crashes.
import * as vscode from 'vscode';
import {
  CloseAction,
  ErrorAction,
  ErrorCodes,
  LanguageClient,
  LSPErrorCodes,
  ResponseError,
  State,
  TransportKind,
  WorkDoneProgress,
  type ErrorHandler,
  type LanguageClientOptions,
  type WorkDoneProgressBegin,
  type WorkDoneProgressEnd,
  type WorkDoneProgressReport,
} from 'vscode-languageclient/node';
import type {
  Failure,
  InitializationOptions,
  NotificationName,
  RequestName,
} from '../../protocol/src/requests.ts';
import { SETTINGS_SECTION } from '../../protocol/src/settings.ts';
import { showFailure, ServerFailure } from './failures.ts';
import { withoutSecrets } from './hiddenSecrets.ts';
import { RestartLimit } from './restartLimit.ts';

const NAME = 'PRM Workbench';

/** Files and unsaved texts, in whatever language: reasoning is read in all of them. */
const DOCUMENTS = [{ scheme: 'file' }, { scheme: 'untitled' }];

export type WorkDone = WorkDoneProgressBegin | WorkDoneProgressReport | WorkDoneProgressEnd;

export class Server {
  readonly output: vscode.LogOutputChannel;
  readonly #client: LanguageClient;
  readonly #secrets = new Set<string>();
  #started: Promise<void> | undefined;

  constructor(context: vscode.ExtensionContext) {
    this.output = vscode.window.createOutputChannel(NAME, { log: true });
    const module = context.asAbsolutePath('dist/server/main.cjs');
    const options: LanguageClientOptions = {
      documentSelector: DOCUMENTS,
      outputChannel: this.output,
      traceOutputChannel: this.#traceChannel(),
      initializationOptions: (): InitializationOptions => ({ trusted: vscode.workspace.isTrusted }),
      synchronize: {
        // Runs that a terminal starts in the workspace are found by their first event.
        fileEvents: vscode.workspace.createFileSystemWatcher('**/.prm/runs/*/events.jsonl'),
      },
      // Documents in background tabs are not sent before they are looked at.
      textSynchronization: { delayOpenNotifications: true },
      errorHandler: this.#errorHandler(),
    };
    const debugging = { execArgv: ['--nolazy', '--inspect=6019'] };
    this.#client = new LanguageClient(
      SETTINGS_SECTION,
      NAME,
      {
        run: { module, transport: TransportKind.ipc },
        debug: { module, transport: TransportKind.ipc, options: debugging },
      },
      options,
    );
  }

  /** Keeps a text that goes to the server out of the trace of what passes between the two (`prm.trace.server`). */
  hide(secret: string): void {
    this.#secrets.add(secret);
  }

  /** Starts the server, once; resolves when it answers. */
  start(): Promise<void> {
    this.#started ??= this.#client.start();
    return this.#started;
  }

  /** A fresh server process, also after one that could not start or was given up. */
  async restart(): Promise<void> {
    this.#started = this.#client.isRunning() ? this.#client.restart() : this.#client.start();
    await this.#started;
  }

  /**
   * @throws ServerFailure with the server's own words; vscode.CancellationError when the token was cancelled or
   *   newer work took this one's place
   */
  async request<Params, Result>(
    name: RequestName<Params, Result>,
    params: Params,
    token: vscode.CancellationToken = new vscode.CancellationTokenSource().token,
  ): Promise<Result> {
    await this.start();
    try {
      return await this.#client.sendRequest<Result>(name.method, params, token);
    } catch (error) {
      throw asFailure(error);
    }
  }

  onNotification<Params>(
    name: NotificationName<Params>,
    handler: (params: Params) => void,
  ): vscode.Disposable {
    return this.#client.onNotification(name.method, handler);
  }

  async notify<Params>(name: NotificationName<Params>, params: Params): Promise<void> {
    await this.start();
    await this.#client.sendNotification(name.method, params);
  }

  /** Calls back each time the server has started: the first time, after a restart, after a crash. */
  onStarted(listener: () => void): vscode.Disposable {
    return this.#client.onDidChangeState(({ newState }) => {
      if (newState === State.Running) listener();
    });
  }

  /** Progress that the server reports under a token that a request gave it. */
  onProgress(token: string, handler: (value: WorkDone) => void): vscode.Disposable {
    return this.#client.onProgress(WorkDoneProgress.type, token, handler);
  }

  async dispose(): Promise<void> {
    await this.#client.dispose();
    this.output.dispose();
  }

  /** The output channel, where a trace shows no secret. */
  #traceChannel(): vscode.LogOutputChannel {
    const trace = (message: string, ...more: unknown[]): void => {
      this.output.trace(withoutSecrets(message, this.#secrets), ...more);
    };
    // All else is the channel's own; `Object.create` knows no types.
    return Object.create(this.output, { trace: { value: trace } }) as vscode.LogOutputChannel;
  }

  /** One message a crash; after too many in a short time the person decides. */
  #errorHandler(): ErrorHandler {
    const limit = new RestartLimit();
    return {
      error: () => ({ action: ErrorAction.Continue, handled: true }),
      closed: () => {
        const again = limit.allows(Date.now());
        const what = again
          ? 'The PRM language server stopped unexpectedly and is started again; scores in open documents are gone'
          : `The PRM language server stopped unexpectedly ${limit.crashes} times in a few minutes and is not started again`;
        void showFailure(
          new ServerFailure({ what, actions: again ? ['showOutput'] : ['restartServer', 'showOutput'] }),
        );
        return { action: again ? CloseAction.Restart : CloseAction.DoNotRestart, handled: true };
      },
    };
  }
}

function asFailure(error: unknown): unknown {
  if (!(error instanceof ResponseError)) return error;
  if (error.code === LSPErrorCodes.RequestCancelled || error.code === LSPErrorCodes.ServerCancelled) {
    return new vscode.CancellationError();
  }
  const data = error.data as Failure | undefined;
  if (data?.what !== undefined) return new ServerFailure(data);
  if (error.code === ErrorCodes.PendingResponseRejected) {
    const what = 'The PRM language server was stopped before this was done';
    return new ServerFailure({ what, actions: ['goOn'] });
  }
  const what =
    error.code === ErrorCodes.ConnectionInactive
      ? 'The PRM language server is not running'
      : error.message.replace(/\.$/, '');
  return new ServerFailure({ what, actions: ['showOutput', 'restartServer'] });
}
