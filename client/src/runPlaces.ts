// Run folders that do not lie in the workspace's `.prm/runs`: found in the workspace, or remembered since they were started.
import * as path from 'node:path';
import * as vscode from 'vscode';

/** Remembered for a workspace, the newest last. */
const KEY = 'prm.runsElsewhere';
const KEPT = 50;
/** Folders that are looked at in a workspace. */
const LIMIT = 200;

export class RunPlaces {
  readonly #state: vscode.Memento;
  readonly #watcher: vscode.Disposable;
  #found: Promise<string[]> | undefined;

  constructor(state: vscode.Memento) {
    this.#state = state;
    const watcher = vscode.workspace.createFileSystemWatcher('**/events.jsonl', false, true, false);
    watcher.onDidCreate(() => this.lookAgain());
    watcher.onDidDelete(() => this.lookAgain());
    this.#watcher = watcher;
  }

  /** Absolute paths; not each of them is a run. */
  async list(): Promise<string[]> {
    this.#found ??= findRuns();
    return [...new Set([...(await this.#found), ...this.#state.get<string[]>(KEY, [])])];
  }

  lookAgain(): void {
    this.#found = undefined;
  }

  /** Keeps a run folder that may lie outside the workspace. */
  async remember(folder: string): Promise<void> {
    if (vscode.workspace.getWorkspaceFolder(vscode.Uri.file(folder)) !== undefined) return;
    const others = this.#state.get<string[]>(KEY, []).filter((each) => each !== folder);
    await this.#state.update(KEY, [...others, folder].slice(-KEPT));
  }

  dispose(): void {
    this.#watcher.dispose();
  }
}

async function findRuns(): Promise<string[]> {
  const files = await vscode.workspace.findFiles('**/events.jsonl', '**/{node_modules,.git,.prm}/**', LIMIT);
  return files.filter(({ scheme }) => scheme === 'file').map(({ fsPath }) => path.dirname(fsPath));
}
