// As much of `vscode` as a view needs: `vi.mock('vscode', () => import('…/vscodeStub.ts'))`. What VS Code would be told
// is written down here.
import { EventEmitter as Emitter } from 'node:events';

export class Disposable {
  readonly #dispose: () => void;

  constructor(dispose: () => void) {
    this.#dispose = dispose;
  }

  static from(...all: { dispose(): unknown }[]): Disposable {
    return new Disposable(() => all.forEach((one) => one.dispose()));
  }

  dispose(): void {
    this.#dispose();
  }
}

export class EventEmitter<Value> {
  readonly #emitter = new Emitter();

  readonly event = (listener: (value: Value) => void): Disposable => {
    this.#emitter.on('event', listener);
    return new Disposable(() => this.#emitter.off('event', listener));
  };

  fire(value: Value): void {
    this.#emitter.emit('event', value);
  }

  dispose(): void {
    this.#emitter.removeAllListeners();
  }
}

export class ThemeIcon {
  readonly id: string;

  constructor(id: string) {
    this.id = id;
  }
}

export class TreeItem {
  readonly label: string;

  constructor(label: string) {
    this.label = label;
  }
}

/** The tree view that was made last, as VS Code holds it. */
export class StubTreeView<Item> {
  message = '';
  visible = false;
  /** How often it was told to ask its provider again. */
  drawn = 0;
  readonly revealed: Item[] = [];
  readonly provider: Provider<Item>;
  readonly #visibility = new EventEmitter<{ visible: boolean }>();
  readonly onDidChangeVisibility = this.#visibility.event;

  constructor(provider: Provider<Item>) {
    this.provider = provider;
    provider.onDidChangeTreeData(() => this.drawn++);
  }

  setVisible(visible: boolean): void {
    this.visible = visible;
    this.#visibility.fire({ visible });
  }

  reveal(item: Item): Promise<void> {
    this.revealed.push(item);
    return Promise.resolve();
  }

  dispose(): void {
    this.#visibility.dispose();
  }
}

interface Provider<Item> {
  onDidChangeTreeData(listener: () => void): Disposable;
  getChildren(item?: Item): Promise<Item[]> | Item[];
}

/** Commands that were run, with their arguments. */
export const ran: unknown[][] = [];
export const views: StubTreeView<TreeItem>[] = [];

export const commands = {
  executeCommand(...command: unknown[]): Promise<void> {
    ran.push(command);
    return Promise.resolve();
  },
};

export const window = {
  createTreeView(_id: string, { treeDataProvider }: { treeDataProvider: Provider<TreeItem> }) {
    const view = new StubTreeView(treeDataProvider);
    views.push(view);
    return view;
  },
  withProgress<Result>(_options: unknown, work: () => Promise<Result>): Promise<Result> {
    return work();
  },
};
