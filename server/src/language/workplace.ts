// What the language features share: the connection, the open documents, the workspace, its settings and its trust.
import { homedir } from 'node:os';
import path from 'node:path';
import { TextDocument } from 'vscode-languageserver-textdocument';
import {
  CodeLensRefreshRequest,
  MessageType,
  ShowMessageNotification,
  TextDocuments,
  type CancellationToken,
  type Connection,
  type InitializeParams,
} from 'vscode-languageserver/node';
import { URI } from 'vscode-uri';
import { z } from 'zod';
import type { InitializationOptions, NotificationName, RequestName } from '../../../protocol/src/requests.ts';
import { SETTINGS_SECTION, type Settings } from '../../../protocol/src/settings.ts';
import { PrmError } from '../support/errors.ts';
import { asResponseError } from './failures.ts';
import type { Edit } from './region.ts';
import { checkSettings, defaultSettings } from './settings.ts';

/** The bundles that the server starts. */
export interface Bundles {
  engine: string;
  cli: string;
  formatWorker: string;
  datasetProcess: string;
}

const initializationSchema: z.ZodType<InitializationOptions> = z.object({ trusted: z.boolean() });

export class Workplace {
  readonly connection: Connection;
  readonly bundles: Bundles;
  readonly documents: TextDocuments<TextDocument>;
  trusted = false;
  /** The client said `shutdown`: nobody listens any more. */
  closing = false;
  /** Absolute paths of the workspace folders that are on this machine. */
  folders: string[] = [];
  #settings = defaultSettings();
  #canConfigure = false;
  #canRefreshHints = false;
  #canRefreshLenses = false;
  #complaints = new Set<string>();
  readonly #editListeners: ((uri: string, edit: Edit, text: string) => void)[] = [];

  constructor(connection: Connection, bundles: Bundles) {
    this.connection = connection;
    this.bundles = bundles;
    this.documents = new TextDocuments({
      create: (uri, languageId, version, content) => TextDocument.create(uri, languageId, version, content),
      update: (document, changes, version) => {
        // One by one: each change's positions are those of the text after the changes before it.
        for (const change of changes) {
          const edit =
            'range' in change
              ? { start: document.offsetAt(change.range.start), end: document.offsetAt(change.range.end) }
              : { start: 0, end: document.getText().length };
          TextDocument.update(document, [change], version);
          for (const listener of this.#editListeners) {
            listener(document.uri, { ...edit, text: change.text }, document.getText());
          }
        }
        return document;
      },
    });
  }

  /** Takes what the client says about itself and the workspace. */
  initialize({ capabilities, workspaceFolders, initializationOptions }: InitializeParams): void {
    this.#canConfigure = capabilities.workspace?.configuration === true;
    this.#canRefreshHints = capabilities.workspace?.inlayHint?.refreshSupport === true;
    this.#canRefreshLenses = capabilities.workspace?.codeLens?.refreshSupport === true;
    this.setFolders((workspaceFolders ?? []).map(({ uri }) => uri));
    this.trusted = initializationSchema.safeParse(initializationOptions).data?.trusted ?? false;
  }

  setFolders(uris: readonly string[]): void {
    this.folders = uris
      .map((uri) => URI.parse(uri))
      .filter(({ scheme }) => scheme === 'file')
      .map(({ fsPath }) => fsPath);
  }

  get settings(): Settings {
    return this.#settings;
  }

  /** Asks the editor anew; says once what is wrong with a value. */
  async readSettings(): Promise<Settings> {
    if (!this.#canConfigure) return this.#settings;
    const section: unknown = await this.connection.workspace.getConfiguration(SETTINGS_SECTION);
    const { settings, complaints } = checkSettings(section);
    for (const complaint of complaints) {
      if (!this.#complaints.has(complaint)) this.warn(complaint);
    }
    this.#complaints = new Set(complaints);
    this.#settings = settings;
    return settings;
  }

  /** An absolute path: `~/…` is the home folder's, a relative one starts from the first workspace folder. */
  resolvePath(given: string): string {
    if (given === '~' || given.startsWith('~/')) return path.join(homedir(), given.slice(1));
    return path.resolve(this.folders[0] ?? homedir(), given);
  }

  /** Calls back after every change of a document, with the text as it is then. */
  onEdit(listener: (uri: string, edit: Edit, text: string) => void): void {
    this.#editListeners.push(listener);
  }

  refreshHints(): void {
    if (!this.#canRefreshHints) return;
    this.connection.languages.inlayHint
      .refresh()
      .catch((error: unknown) => this.log(`Inlay hints could not be refreshed: ${String(error)}`));
  }

  refreshLenses(): void {
    if (!this.#canRefreshLenses) return;
    this.connection
      .sendRequest(CodeLensRefreshRequest.type)
      .catch((error: unknown) => this.log(`Code lenses could not be refreshed: ${String(error)}`));
  }

  /** Answers a request; a failure becomes one response error that a person can act on. */
  onRequest<Params, Result>(
    name: RequestName<Params, Result>,
    schema: z.ZodType<Params>,
    handle: (params: Params, signal: AbortSignal) => Promise<Result>,
  ): void {
    this.connection.onRequest(name.method, async (params: unknown, token: CancellationToken) => {
      try {
        return await handle(checked(name.method, schema, params), signalOf(token));
      } catch (error) {
        return asResponseError(error, (text) => this.log(text));
      }
    });
  }

  notify<Params>(name: NotificationName<Params>, params: Params): void {
    if (this.closing) return;
    this.connection
      .sendNotification(name.method, params)
      .catch((error: unknown) => this.log(`${name.method} could not be sent: ${String(error)}`));
  }

  onNotification<Params>(name: NotificationName<Params>, handle: (params: Params) => void): void {
    this.connection.onNotification(name.method, handle);
  }

  /** Shows a message that asks for nothing. */
  warn(message: string): void {
    if (this.closing) return;
    this.connection
      .sendNotification(ShowMessageNotification.type, { type: MessageType.Warning, message })
      .catch((error: unknown) => this.log(`A warning could not be shown: ${String(error)}`));
  }

  log(text: string): void {
    if (!this.closing) this.connection.console.info(text);
  }
}

/** A command's arguments come from keybindings and other extensions too: they are checked here. */
function checked<Params>(method: string, schema: z.ZodType<Params>, params: unknown): Params {
  const result = schema.safeParse(params);
  if (result.success) return result.data;
  const issues = result.error.issues.map(({ path: place, message }) => `${place.join('.')}: ${message}`);
  throw new PrmError({ where: method, what: `Wrong arguments (${issues.join('; ')})` });
}

function signalOf(token: CancellationToken): AbortSignal {
  const controller = new AbortController();
  if (token.isCancellationRequested) controller.abort();
  token.onCancellationRequested(() => controller.abort());
  return controller.signal;
}
