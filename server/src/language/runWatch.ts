// The runs of the workspace that are alive: found after a restart or when a terminal starts one, and told to the editor.
import { readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { FileChangeType } from 'vscode-languageserver/node';
import { URI } from 'vscode-uri';
import { RUN_CHANGED, type RunNews } from '../../../protocol/src/requests.ts';
import { systemErrorCode } from '../support/errors.ts';
import { MODELS_OF_A_RUN, RUNS_FOLDER } from './modelList.ts';
import { EVENTS_FILE, RunFollower, type FollowerOptions, type RunLook } from './runFollower.ts';
import type { Workplace } from './workplace.ts';

/** Between two looks at a run, milliseconds. */
const INTERVAL = 500;

/** The file beside a run folder that holds what its process printed. */
export function logFileOf(folder: string): string {
  return `${folder}.log`;
}

export class RunWatch {
  readonly #workplace: Workplace;
  readonly #followed = new Map<string, RunFollower>();
  readonly #timers = new Map<string, NodeJS.Timeout>();

  constructor(workplace: Workplace) {
    this.#workplace = workplace;
    workplace.connection.onDidChangeWatchedFiles(({ changes }) => {
      for (const { uri, type } of changes) {
        const file = URI.parse(uri);
        if (type === FileChangeType.Deleted || file.scheme !== 'file') continue;
        if (path.basename(file.fsPath) === EVENTS_FILE) this.followIfAlive(path.dirname(file.fsPath));
      }
    });
  }

  /** Looks for runs that live in the workspace's folders. */
  async find(): Promise<void> {
    if (!this.#workplace.trusted) return;
    for (const folder of await runFolders(this.#workplace.folders)) this.followIfAlive(folder);
  }

  /** Follows a run from now on, whatever its state. */
  follow(options: FollowerOptions): RunFollower {
    this.forget(options.folder);
    const follower = new RunFollower(options);
    this.#followed.set(options.folder, follower);
    return follower;
  }

  /** Tells the editor of a followed run from now on, until it ends. */
  report(follower: RunFollower): void {
    const look = async (): Promise<void> => {
      if (this.#followed.get(follower.folder) !== follower) return;
      try {
        const found = await follower.look();
        if (found.changed || found.ended) this.#workplace.notify(RUN_CHANGED, await newsOf(found));
        if (found.ended) {
          this.forget(follower.folder);
          return;
        }
      } catch (error) {
        this.#workplace.log(`The run ${follower.folder} could not be read: ${String(error)}`);
      }
      this.#timers.set(
        follower.folder,
        setTimeout(() => void look(), INTERVAL),
      );
    };
    void look();
  }

  /** The follower of a run, where it is followed. */
  followerOf(folder: string): RunFollower | undefined {
    return this.#followed.get(folder);
  }

  forget(folder: string): void {
    clearTimeout(this.#timers.get(folder));
    this.#timers.delete(folder);
    this.#followed.delete(folder);
  }

  dispose(): void {
    for (const folder of [...this.#followed.keys()]) this.forget(folder);
  }

  /** Follows and tells of a run that lives and is not followed yet. */
  followIfAlive(folder: string): void {
    if (!this.#workplace.trusted || this.#followed.has(folder)) return;
    const follower = this.follow({ folder });
    const check = async (): Promise<void> => {
      await follower.look();
      // The first look learns the process from the file, the second asks whether it lives.
      const { ended } = await follower.look();
      if (this.#followed.get(folder) !== follower) return;
      if (ended) this.forget(folder);
      else this.report(follower);
    };
    check().catch((error: unknown) => {
      this.forget(folder);
      this.#workplace.log(`The run ${folder} could not be read: ${String(error)}`);
    });
  }
}

async function newsOf({ run, ended }: RunLook): Promise<RunNews> {
  const exists = async (file: string): Promise<boolean> =>
    (await stat(file).catch(() => undefined)) !== undefined;
  let modelFolder: string | null = null;
  if (ended) {
    for (const name of MODELS_OF_A_RUN) {
      const folder = path.join(run.folder, name);
      if (modelFolder === null && (await exists(path.join(folder, 'prm.json')))) modelFolder = folder;
    }
  }
  const logFile = logFileOf(run.folder);
  return { run, ended, modelFolder, logFile: (await exists(logFile)) ? logFile : null };
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
