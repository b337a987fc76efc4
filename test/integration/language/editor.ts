// A tiny editor for tests: speaks LSP with the server over a real connection, and reads like a sentence.
import { fork } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { PassThrough } from 'node:stream';
import {
  CancellationToken,
  createMessageConnection,
  IPCMessageReader,
  IPCMessageWriter,
  ResponseError,
  StreamMessageReader,
  StreamMessageWriter,
  type MessageConnection,
} from 'vscode-jsonrpc/node';
import { TextDocument } from 'vscode-languageserver-textdocument';
import {
  createConnection,
  ProposedFeatures,
  type Hover,
  type InlayHint,
  type MarkupContent,
  type Position,
  type Range,
} from 'vscode-languageserver/node';
import { URI } from 'vscode-uri';
import {
  MODEL_STATUS,
  RUN_CHANGED,
  SCORE_TEXT,
  type Failure,
  type ModelStatus,
  type NotificationName,
  type RequestName,
  type RunNews,
  type ScoreReport,
} from '../../../protocol/src/requests.ts';
import { startLanguageServer } from '../../../server/src/language/server.ts';

const DIST = path.resolve(import.meta.dirname, '../../../dist/server');
const MAIN_FILE = path.join(DIST, 'main.cjs');

/** `in-band`: the sources, in this process. `spawned`: the bundle, as VS Code starts it. */
export type Kind = 'in-band' | 'spawned';

export interface EditorOptions {
  /** Absolute path of the workspace folder. */
  workspace: string;
  /** What the editor has under `prm`. */
  settings?: Record<string, unknown>;
  trusted?: boolean;
}

interface Transport {
  connection: MessageConnection;
  /** Of a server that is spawned. */
  pid?: number | undefined;
  close: () => Promise<void>;
}

export async function startEditor(kind: Kind, options: EditorOptions): Promise<Editor> {
  const editor = new Editor(kind === 'in-band' ? inBand() : spawned(), options);
  await editor.initialize();
  return editor;
}

function inBand(): Transport {
  const toServer = new PassThrough();
  const toClient = new PassThrough();
  const server = createConnection(
    ProposedFeatures.all,
    new StreamMessageReader(toServer),
    new StreamMessageWriter(toClient),
  );
  startLanguageServer(server, {
    engine: path.join(DIST, 'engine.cjs'),
    cli: path.join(DIST, 'cli.cjs'),
    formatWorker: path.join(DIST, 'formatWorker.cjs'),
    datasetProcess: path.join(DIST, 'datasetProcess.cjs'),
  });
  server.listen();
  const connection = createMessageConnection(
    new StreamMessageReader(toClient),
    new StreamMessageWriter(toServer),
  );
  // `exit` would end this very process, so only the connection ends.
  return {
    connection,
    close: () => {
      server.dispose();
      return Promise.resolve();
    },
  };
}

function spawned(): Transport {
  const child = fork(MAIN_FILE, ['--node-ipc'], { execArgv: [] });
  const connection = createMessageConnection(new IPCMessageReader(child), new IPCMessageWriter(child));
  return {
    connection,
    pid: child.pid,
    close: async () => {
      const ended = once(child, 'exit');
      await connection.sendNotification('exit');
      await ended;
    },
  };
}

export class Editor {
  settings: Record<string, unknown>;
  readonly #transport: Transport;
  readonly #options: EditorOptions;
  readonly #seen: { method: string; params: unknown }[] = [];
  readonly #listeners = new Set<() => void>();
  #documents = 0;

  constructor(transport: Transport, options: EditorOptions) {
    this.#transport = transport;
    this.#options = options;
    this.settings = options.settings ?? {};
  }

  /** Of the server's process, where it has one of its own. */
  get serverPid(): number | undefined {
    return this.#transport.pid;
  }

  async initialize(): Promise<void> {
    const { connection } = this.#transport;
    connection.onRequest('workspace/configuration', () => [this.settings]);
    connection.onRequest('client/registerCapability', () => null);
    for (const refresh of ['workspace/inlayHint/refresh', 'workspace/codeLens/refresh']) {
      connection.onRequest(refresh, () => {
        this.#saw(refresh, null);
        return null;
      });
    }
    connection.onNotification((method, params) => this.#saw(method, params));
    connection.onUnhandledProgress(({ token, value }) =>
      this.#saw('$/progress', { token, value: value as unknown }),
    );
    connection.listen();
    const { workspace, trusted = true } = this.#options;
    await connection.sendRequest('initialize', {
      processId: null,
      rootUri: null,
      capabilities: {
        workspace: {
          configuration: true,
          workspaceFolders: true,
          inlayHint: { refreshSupport: true },
          codeLens: { refreshSupport: true },
        },
      },
      workspaceFolders: [{ uri: URI.file(workspace).toString(), name: 'workspace' }],
      initializationOptions: { trusted },
    });
    await connection.sendNotification('initialized', {});
  }

  /** Opens a document, unsaved unless it has a name. */
  async open({ lang, text, uri }: { lang: string; text: string; uri?: string }): Promise<OpenDocument> {
    const document = TextDocument.create(uri ?? `untitled:Untitled-${++this.#documents}`, lang, 1, text);
    await this.notify('textDocument/didOpen', {
      textDocument: { uri: document.uri, languageId: lang, version: 1, text },
    });
    return new OpenDocument(this, document);
  }

  request<Params, Result>(
    name: RequestName<Params, Result>,
    params: Params,
    token: CancellationToken = CancellationToken.None,
  ): Promise<Result> {
    return this.ask<Result>(name.method, params as object, token);
  }

  ask<Result>(
    method: string,
    params: object,
    token: CancellationToken = CancellationToken.None,
  ): Promise<Result> {
    return this.#transport.connection.sendRequest<Result>(method, params, token);
  }

  notify(method: string, params: object): Promise<void> {
    return this.#transport.connection.sendNotification(method, params);
  }

  /** Changes the settings as a person would: the server is told, and asks. */
  async configure(settings: Record<string, unknown>): Promise<void> {
    this.settings = settings;
    await this.notify('workspace/didChangeConfiguration', { settings: null });
  }

  /** Notifications of this kind so far. */
  seen<Params>(name: NotificationName<Params>): Params[] {
    return this.#seen.filter(({ method }) => method === name.method).map(({ params }) => params as Params);
  }

  /** Waits for a notification of this kind, one that came already included. */
  async until<Params>(name: NotificationName<Params>, accept: (params: Params) => boolean): Promise<Params> {
    for (;;) {
      const found = this.seen(name).find(accept);
      if (found !== undefined) return found;
      await new Promise<void>((resolve) => {
        const listener = (): void => {
          this.#listeners.delete(listener);
          resolve();
        };
        this.#listeners.add(listener);
      });
    }
  }

  status(accept: (status: ModelStatus) => boolean): Promise<ModelStatus> {
    return this.until(MODEL_STATUS, accept);
  }

  run(accept: (news: RunNews) => boolean): Promise<RunNews> {
    return this.until(RUN_CHANGED, accept);
  }

  /** Ends the server in the way that the protocol asks for. */
  async close(): Promise<void> {
    await this.ask('shutdown', {});
    await this.#transport.close();
    this.#transport.connection.dispose();
  }

  #saw(method: string, params: unknown): void {
    this.#seen.push({ method, params });
    for (const listener of [...this.#listeners]) listener();
  }
}

/** A hint as a person sees it. */
export interface SeenHint {
  line: number;
  label: string;
}

export class OpenDocument {
  readonly #editor: Editor;
  #document: TextDocument;

  constructor(editor: Editor, document: TextDocument) {
    this.#editor = editor;
    this.#document = document;
  }

  get uri(): string {
    return this.#document.uri;
  }

  get text(): string {
    return this.#document.getText();
  }

  /** The whole document, or the first place where it says `selected`. */
  score(selected?: string): Promise<ScoreReport> {
    return this.#editor.request(SCORE_TEXT, {
      uri: this.uri,
      ...(selected === undefined ? {} : { range: this.rangeOf(selected) }),
    });
  }

  /** In the order of the text. */
  async inlayHints(): Promise<SeenHint[]> {
    const hints = await this.hints();
    return hints.map(({ position, label }) => ({ line: position.line, label: label as string }));
  }

  async hints(): Promise<InlayHint[]> {
    const end = this.#document.positionAt(this.text.length);
    const hints = await this.#editor.ask<InlayHint[] | null>('textDocument/inlayHint', {
      textDocument: { uri: this.uri },
      range: { start: { line: 0, character: 0 }, end },
    });
    const offset = ({ position }: InlayHint): number => this.#document.offsetAt(position);
    return (hints ?? []).sort((a, b) => offset(a) - offset(b));
  }

  /** Markdown of the hover, undefined where there is none. */
  async hover(position: Position): Promise<string | undefined> {
    const hover = await this.#editor.ask<Hover | null>('textDocument/hover', {
      textDocument: { uri: this.uri },
      position,
    });
    return hover === null ? undefined : (hover.contents as MarkupContent).value;
  }

  hoverOn(text: string): Promise<string | undefined> {
    return this.hover(this.rangeOf(text).start);
  }

  /** Replaces the first place where the document says `old`. */
  replace(old: string, text: string): Promise<void> {
    return this.edit(this.rangeOf(old), text);
  }

  /** Puts text right before the first place where the document says `before`. */
  insertBefore(before: string, text: string): Promise<void> {
    const { start } = this.rangeOf(before);
    return this.edit({ start, end: start }, text);
  }

  async edit(range: Range, text: string): Promise<void> {
    const version = this.#document.version + 1;
    const change = { range, text };
    this.#document = TextDocument.update(this.#document, [change], version);
    await this.#editor.notify('textDocument/didChange', {
      textDocument: { uri: this.uri, version },
      contentChanges: [change],
    });
  }

  async close(): Promise<void> {
    await this.#editor.notify('textDocument/didClose', { textDocument: { uri: this.uri } });
  }

  rangeOf(text: string): Range {
    const start = this.text.indexOf(text);
    if (start === -1) throw new Error(`The document does not say ${JSON.stringify(text)}.`);
    return { start: this.#document.positionAt(start), end: this.#document.positionAt(start + text.length) };
  }
}

/** What a request was refused with. @throws what it threw where that is no refusal of the server */
export async function failureOf(request: Promise<unknown>): Promise<Failure> {
  const error: unknown = await request.then(
    () => new Error('It did not fail.'),
    (reason: unknown) => reason,
  );
  if (!(error instanceof ResponseError)) throw error;
  return error.data as Failure;
}
