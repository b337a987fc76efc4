// The view "Answer Cache": what is kept of model servers' answers, by model, as a native tree.
import { homedir } from 'node:os';
import * as vscode from 'vscode';
import { LIST_CACHE, type CacheContents, type CachedModel } from '../../protocol/src/generation.ts';
import { describeCachedModel, describeContents, totalOf } from './cacheViewText.ts';
import { messageOf } from './failures.ts';
import type { Server } from './server.ts';

const VIEW = 'prm.cache';

/** A model's answers in the view, and what a menu on it gives its command. */
export class CachedModelItem extends vscode.TreeItem {
  readonly model: string;

  constructor(cached: CachedModel, contents: CacheContents) {
    super(cached.model);
    const { description, tooltip, label } = describeCachedModel(cached, totalOf(contents.models));
    this.model = cached.model;
    // Keeps the selection where the figures change.
    this.id = cached.model;
    this.description = description;
    this.tooltip = tooltip;
    this.accessibilityInformation = { label };
    this.iconPath = new vscode.ThemeIcon('archive');
    this.contextValue = 'prm.cachedModel';
  }
}

export class CacheView implements vscode.Disposable {
  readonly #server: Server;
  readonly #view: vscode.TreeView<CachedModelItem>;
  readonly #drawAnew = new vscode.EventEmitter<CachedModelItem | undefined>();
  readonly #listeners: vscode.Disposable;
  /** What the newest answer showed, none after a failure; undefined before the first. */
  #items: CachedModelItem[] | undefined;
  /** The newest question to the server, while it is not answered. */
  #asking: Promise<CacheContents> | undefined;

  constructor(server: Server) {
    this.#server = server;
    this.#view = vscode.window.createTreeView(VIEW, {
      treeDataProvider: {
        onDidChangeTreeData: this.#drawAnew.event,
        getTreeItem: (item) => item,
        getChildren: (item) => (item === undefined ? this.#shown() : []),
        // Needed to put the keyboard on an item.
        getParent: () => undefined,
      },
    });
    this.#listeners = vscode.Disposable.from(
      this.#view,
      this.#drawAnew,
      this.#view.onDidChangeVisibility(() => this.#look()),
      // A question that the old server left unanswered has failed by now.
      server.onStarted(() => this.#look()),
    );
  }

  /**
   * Asks the server what is kept, and shows it.
   * @throws what the request throws, which the view shows as well
   */
  async refresh(): Promise<CacheContents> {
    const asking = this.#server.request(LIST_CACHE, {});
    this.#asking = asking;
    // A bar in the view, as long as it takes.
    void vscode.window.withProgress({ location: { viewId: VIEW } }, () => asking.then(nothing, nothing));
    try {
      const contents = await asking;
      if (this.#asking === asking) this.#show(contents);
      return contents;
    } catch (error) {
      if (this.#asking === asking) this.#draw([], messageOf(error));
      throw error;
    } finally {
      if (this.#asking === asking) this.#asking = undefined;
    }
  }

  /** Whether a person sees it. */
  get visible(): boolean {
    return this.#view.visible;
  }

  /** Answers came or went: looks again, now where a person sees the view, else when it is seen next. */
  answersChanged(): void {
    // What is asked now may be answered from before the change.
    this.#asking = undefined;
    this.#look();
  }

  /** Brings the view to the front, with the keyboard on its first model. */
  async focus(): Promise<void> {
    await vscode.commands.executeCommand(`${VIEW}.focus`);
    const [first] = await this.#shown();
    if (first !== undefined) await this.#view.reveal(first, { select: false, focus: true });
  }

  dispose(): void {
    this.#listeners.dispose();
  }

  /** What went wrong stands in the view. */
  #look(): void {
    if (this.#view.visible && this.#asking === undefined) this.refresh().catch(nothing);
  }

  /** Waits for the first answer only: later ones draw the view anew when they are there. */
  async #shown(): Promise<CachedModelItem[]> {
    // More than once where a newer question takes the first one's place.
    while (this.#items === undefined) await (this.#asking ?? this.refresh()).then(nothing, nothing);
    return this.#items;
  }

  #show(contents: CacheContents): void {
    const items = contents.models.map((cached) => new CachedModelItem(cached, contents));
    // An empty view with a message shows no welcome.
    this.#draw(items, items.length === 0 ? '' : describeContents(contents, homedir()));
  }

  #draw(items: CachedModelItem[], message: string): void {
    this.#items = items;
    this.#view.message = message;
    // Before VS Code asks for the items: the welcome is to be right when they are there.
    void vscode.commands.executeCommand('setContext', 'prm.cache.isEmpty', message === '');
    this.#drawAnew.fire(undefined);
  }
}

function nothing(): void {
  // Only that it is over counts.
}
