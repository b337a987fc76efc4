// `PRM: Open as Dataset`: a file as rows and traces, whatever editor it would open in.
import * as path from 'node:path';
import * as vscode from 'vscode';
import { openDatasetEditor } from '../datasetEditor.ts';
import { workspaceFolder, type Command } from './command.ts';
import { browse, choose, workspaceFiles, type Choice } from './dialogs.ts';

const FILES = { Datasets: ['parquet', 'jsonl', 'json', 'ndjson', 'gz'] };
const PATTERN = '**/*.{parquet,jsonl,ndjson,jsonl.gz}';
const NAME = /\.(parquet|jsonl|json|ndjson|gz)$/i;

/**
 * `executeCommand('prm.openDataset', { path })`: opens the dataset editor; resolves when it is there, whether the file
 * can be read or not: the editor says so.
 */
export const openDataset: Command<'prm.openDataset'> = {
  id: 'prm.openDataset',

  async ask(_workbench, clicked) {
    const file = clicked?.fsPath ?? activeFile() ?? (await askFile());
    return file === undefined ? undefined : { path: file };
  },

  async run(given) {
    const home = workspaceFolder()?.fsPath;
    await openDatasetEditor(home === undefined ? given.path : path.resolve(home, given.path));
    return undefined;
  },
};

/** The active editor's, where its name is a dataset's. */
function activeFile(): string | undefined {
  const uri = vscode.window.activeTextEditor?.document.uri;
  return uri?.scheme === 'file' && NAME.test(uri.fsPath) ? uri.fsPath : undefined;
}

async function askFile(): Promise<string | undefined> {
  const found = await workspaceFiles(PATTERN);
  const choices: Choice<string | null>[] = [...found, { label: '$(folder-opened) Browse…', value: null }];
  const chosen = await choose('PRM: Open as Dataset', choices, 'A Parquet, JSON or JSON Lines file');
  return chosen === null ? browse('Dataset to open', { files: FILES }) : chosen;
}
