// The shape of a command: one file each, listed in index.ts.
import * as vscode from 'vscode';
import type { CommandId, CommandSignatures } from '../../../protocol/src/commands.ts';
import type { CacheView } from '../cacheView.ts';
import type { Dashboard } from '../dashboard.ts';
import type { DatasetEditors } from '../datasetEditor.ts';
import type { ModelServers } from '../modelServers.ts';
import type { RecentModels } from '../recentModels.ts';
import type { RunPlaces } from '../runPlaces.ts';
import type { Runs } from '../runs.ts';
import type { Server } from '../server.ts';

/** What commands work with. */
export interface Workbench {
  readonly server: Server;
  readonly runs: Runs;
  readonly places: RunPlaces;
  readonly recentModels: RecentModels;
  readonly servers: ModelServers;
  readonly dashboard: Dashboard;
  readonly datasets: DatasetEditors;
  readonly cache: CacheView;
}

export interface Command<Id extends CommandId> {
  readonly id: Id;
  /** The work itself, without any dialog. Rejects with a `ServerFailure` or an `Error` whose message is for people. */
  run(
    given: CommandSignatures[Id]['arguments'],
    workbench: Workbench,
  ): Promise<CommandSignatures[Id]['result']>;
  /**
   * Asks for what `run` needs, when a person called the command; undefined when the person went back.
   * @param clicked the file that a menu was opened on
   * @param item what a menu of a view was opened on; each view has a class of its own for it
   */
  ask(
    workbench: Workbench,
    clicked: vscode.Uri | undefined,
    item: unknown,
  ): Promise<CommandSignatures[Id]['arguments'] | undefined>;
  /** The same work, replacing what is in the way; only where a command can do that. */
  overwriting?(given: CommandSignatures[Id]['arguments']): CommandSignatures[Id]['arguments'];
  /** Whether the same work, begun again, goes on where it was stopped or failed. */
  keepsWhatItDid?(given: CommandSignatures[Id]['arguments']): boolean;
  /** The same work with another key for its model server, which the person is asked for; undefined when they went back. */
  settingKey?(
    given: CommandSignatures[Id]['arguments'],
    workbench: Workbench,
  ): Promise<CommandSignatures[Id]['arguments'] | undefined>;
  /** Whether what went wrong stands before the person already. */
  showsFailures?(workbench: Workbench): boolean;
  /** Tells the person how it went; commands whose effect is in sight say nothing. */
  tell?(
    result: CommandSignatures[Id]['result'],
    workbench: Workbench,
    given: CommandSignatures[Id]['arguments'],
  ): Promise<void>;
}

/** Folder that relative paths start from: the first workspace folder. */
export function workspaceFolder(): vscode.Uri | undefined {
  return vscode.workspace.workspaceFolders?.[0]?.uri;
}
