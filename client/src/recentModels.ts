// Language models that were trained before: folders and ids, for the next question.
import type * as vscode from 'vscode';

const KEY = 'prm.recentModels';
const KEPT = 8;

export class RecentModels {
  readonly #state: vscode.Memento;

  /** @param state of all windows */
  constructor(state: vscode.Memento) {
    this.#state = state;
  }

  /** The newest first. */
  list(): string[] {
    return this.#state.get<string[]>(KEY, []);
  }

  /** `mini` needs no remembering. */
  async add(name: string): Promise<void> {
    if (name === 'mini') return;
    const others = this.list().filter((each) => each !== name);
    await this.#state.update(KEY, [name, ...others].slice(0, KEPT));
  }
}
