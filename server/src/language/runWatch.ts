// The runs of the workspace that are alive: found after a restart or when a terminal starts one, and told to the editor.
import { readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { FileChangeType } from 'vscode-languageserver/node';
import { URI } from 'vscode-uri';
import { RUN_CHANGED, type RunNews } from '../../../protocol/src/requests.ts';
import { systemErrorCode } from '../support/errors.ts';
import { MODELS_OF_A_RUN, RUNS_FOLDER } from './modelList.ts';
import type { RunBook } from './runBook.ts';
import { EVENTS_FILE, type RunLook } from './runFollower.ts';
import type { Workplace } from './workplace.ts';

/** Between two looks at a run, milliseconds. */
const INTERVAL = 500;

/** The file beside a run folder that holds what its process printed. */
export function logFileOf(folder: string): string {
  return `${folder}.log`;
}

export class RunWatch {
  readonly #workplace: Workplace;
  readonly #book: RunBook;
  /** The runs that the editor is told of, each with the turn that is still to come. */
  readonly #told = new Map<string, NodeJS.Timeout | undefined>();

  constructor(workplace: Workplace, book: RunBook) {
    this.#workplace = workplace;
    this.#book = book;
    workplace.connection.onDidChangeWatchedFiles(({ changes }) => {
      for (const { uri, type } of changes) {
        const file = URI.parse(uri);
        if (type === FileChangeType.Deleted || file.scheme !== 'file') continue;
        if (path.basename(file.fsPath) === EVENTS_FILE) this.tellIfAlive(path.dirname(file.fsPath));
      }
    });
  }

  /** Looks for runs that live in the workspace's folders. */
  async find(): Promise<void> {
    if (!this.#workplace.trusted) return;
    for (const folder of await runFolders(this.#workplace.folders)) this.tellIfAlive(folder);
  }

  /** Tells the editor of a run from now on, whatever its state, until it ends. */
  tell(folder: string): void {
    this.forget(folder);
    this.#told.set(folder, undefined);
    const follower = this.#book.of(folder);
    let told = -1;
    const look = async (): Promise<void> => {
      try {
        const found = await follower.look();
        if (!this.#told.has(folder)) return;
        if (found.version !== told || found.ended) this.#workplace.notify(RUN_CHANGED, await newsOf(found));
        told = found.version;
        if (found.ended) {
          this.forget(folder);
          return;
        }
      } catch (error) {
        this.#workplace.log(`The run ${folder} could not be read: ${String(error)}`);
      }
      if (!this.#told.has(folder)) return;
      const timer = setTimeout(() => void look(), INTERVAL);
      this.#told.set(folder, timer);
    };
    void look();
  }

  forget(folder: string): void {
    clearTimeout(this.#told.get(folder));
    this.#told.delete(folder);
  }

  dispose(): void {
    for (const folder of [...this.#told.keys()]) this.forget(folder);
  }

  /** Tells of a run that lives and is not told of yet. */
  tellIfAlive(folder: string): void {
    if (!this.#workplace.trusted || this.#told.has(folder)) return;
    this.#told.set(folder, undefined);
    const check = async (): Promise<void> => {
      const { ended } = await this.#book.of(folder).look();
      if (!this.#told.has(folder)) return;
      if (ended) this.forget(folder);
      else this.tell(folder);
    };
    check().catch((error: unknown) => {
      this.forget(folder);
      this.#workplace.log(`The run ${folder} could not be read: ${String(error)}`);
    });
  }
}

async function newsOf({ run, ended }: RunLook): Promise<RunNews> {
  const model = ended ? MODELS_OF_A_RUN.find((name) => run.models.includes(name)) : undefined;
  const logFile = logFileOf(run.folder);
  return {
    run,
    ended,
    modelFolder: model === undefined ? null : path.join(run.folder, model),
    logFile: (await stat(logFile).catch(() => undefined)) === undefined ? null : logFile,
  };
}

/** Absolute paths of the folders that lie where runs live in these workspace folders. */
export async function runFolders(workspaceFolders: readonly string[]): Promise<string[]> {
  const found: string[] = [];
  for (const workspace of workspaceFolders) {
    const runs = path.join(workspace, RUNS_FOLDER);
    found.push(...(await entriesOf(runs)).map((run) => path.join(runs, run)));
  }
  return found;
}

async function entriesOf(folder: string): Promise<string[]> {
  try {
    const entries = await readdir(folder, { withFileTypes: true });
    return entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
  } catch (error) {
    if (systemErrorCode(error) === 'ENOENT') return [];
    throw error;
  }
}
