// Model servers that were asked before, and their keys: addresses for the next question, keys in the system's own safe.
import type * as vscode from 'vscode';

const RECENT = 'prm.modelServers';
const KEPT = 8;
/** Before an address, in the safe. */
const KEY_OF = 'prm.modelServerKey:';

export class ModelServers {
  readonly #state: vscode.Memento;
  readonly #secrets: vscode.SecretStorage;
  readonly #onKey: (key: string) => void;

  /**
   * @param state of all windows
   * @param onKey told of each key before it is used, so that it can be kept out of logs
   */
  constructor(state: vscode.Memento, secrets: vscode.SecretStorage, onKey: (key: string) => void) {
    this.#state = state;
    this.#secrets = secrets;
    this.#onKey = onKey;
  }

  /** Base addresses, the newest first. */
  recent(): string[] {
    return this.#state.get<string[]>(RECENT, []);
  }

  async remember(address: string): Promise<void> {
    const others = this.recent().filter((each) => sameServer(each) !== sameServer(address));
    await this.#state.update(RECENT, [address, ...others].slice(0, KEPT));
  }

  /** The key that goes to a server: the one that is given for this time, else the kept one. */
  async keyFor(address: string, given?: string): Promise<string | undefined> {
    const key = given ?? (await this.#secrets.get(KEY_OF + sameServer(address)));
    if (key !== undefined) this.#onKey(key);
    return key;
  }

  async keepKey(address: string, key: string): Promise<void> {
    await this.#secrets.store(KEY_OF + sameServer(address), key);
  }
}

/** The same for addresses that only differ in their last slashes. */
function sameServer(address: string): string {
  return address.replace(/\/+$/, '');
}
