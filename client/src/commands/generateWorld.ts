// The window around the questions of `PRM: Generate Training Data…`: files, folders, the language server, keys.
import * as path from 'node:path';
import * as vscode from 'vscode';
import {
  ESTIMATE_DATA,
  LIST_SERVER_MODELS,
  type GenerateDataParams,
} from '../../../protocol/src/generation.ts';
import { messageOf, ServerFailure } from '../failures.ts';
import { nameOfData } from '../generationText.ts';
import { workspaceFolder, type Workbench } from './command.ts';
import { browse, workspaceFiles } from './dialogs.ts';
import { freeFolder } from './freeFolder.ts';
import type { Answers, GenerateWorld } from './generateQuestions.ts';
import type { Option } from './questions.ts';
import type { ServerTrouble } from './serverQuestions.ts';

/** Where made data lies in a workspace folder. */
const DATA = path.join('.prm', 'data');
const FILES = ['parquet', 'jsonl', 'ndjson', 'json', 'gz'];

/** @param clicked the file that a menu was opened on */
export function worldOf({ server, servers }: Workbench, clicked: vscode.Uri | undefined): GenerateWorld {
  return {
    datasets: () => datasetOptions(clicked ?? activeFile()),
    browse: () => browse('Dataset to make data of', { files: { Datasets: FILES } }),
    freeFolder: (answers) =>
      // Without a folder, the person says where in the whole system it goes.
      workspaceFolder() === undefined ? Promise.resolve('') : freeDataFolder(complete(answers)),
    checkFolder: (folder) =>
      workspaceFolder() === undefined && !path.isAbsolute(folder) && !folder.startsWith('~')
        ? 'No folder is open: an absolute path is needed.'
        : undefined,
    estimate: (answers, signal) =>
      // Nobody is asked: no key is needed.
      server.request(ESTIMATE_DATA, complete(answers), tokenOf(signal)),
    recentServers: () => servers.recent(),
    models: async (address, signal) => {
      const given = await keyOf({ server: address }, servers);
      const { models } = await server.request(
        LIST_SERVER_MODELS,
        { server: address, ...given },
        tokenOf(signal),
      );
      return models;
    },
    failureOf: troubleOf,
    keepKey: (address, key) => servers.keepKey(address, key),
  };
}

function troubleOf(error: unknown): ServerTrouble {
  if (!(error instanceof ServerFailure)) return { what: messageOf(error), wantsKey: false };
  const { what, remedy, actions } = error.failure;
  return { what, remedy, wantsKey: actions.includes('setKey') };
}

/** Dataset files of the workspace, what the person looks at first. */
async function datasetOptions(first: vscode.Uri | undefined): Promise<Option<string>[]> {
  const found = await workspaceFiles('**/*.{parquet,jsonl,ndjson,jsonl.gz}');
  if (first === undefined) return found;
  const here: Option<string> = {
    label: vscode.workspace.asRelativePath(first),
    description: 'open in the editor',
    value: first.fsPath,
  };
  return [here, ...found.filter(({ value }) => value !== first.fsPath)];
}

/** The file in the active editor, whatever kind of editor, where its name is a dataset's. */
function activeFile(): vscode.Uri | undefined {
  const input = vscode.window.tabGroups.activeTabGroup.activeTab?.input;
  const uri =
    input instanceof vscode.TabInputCustom || input instanceof vscode.TabInputText ? input.uri : undefined;
  const name = new RegExp(`\\.(${FILES.join('|')})$`, 'i');
  return uri?.scheme === 'file' && name.test(uri.fsPath) ? uri : undefined;
}

/** `.prm/data/NAME-1`, relative to the workspace folder. */
export function freeDataFolder(work: Pick<GenerateDataParams, 'method' | 'dataset' | 'by'>): Promise<string> {
  return freeFolder(DATA, nameOfData(work));
}

/** The key that goes with a request, where there is one. */
export async function keyOf(
  { server, key }: Pick<GenerateDataParams, 'server' | 'key'>,
  servers: Workbench['servers'],
): Promise<{ key?: string }> {
  const found = server === undefined ? undefined : await servers.keyFor(server, key);
  return found === undefined ? {} : { key: found };
}

/** @throws RangeError where a question was not asked that must be */
export function complete({ method, dataset, outputDir = '', ...rest }: Answers) {
  if (method === undefined || dataset === undefined)
    throw new RangeError('Method and dataset are asked first.');
  return { method, dataset, outputDir, ...rest };
}

function tokenOf(signal: AbortSignal): vscode.CancellationToken {
  const source = new vscode.CancellationTokenSource();
  signal.addEventListener('abort', () => source.cancel(), { once: true });
  return source.token;
}
