// `PRM: Train Model…`: starts a training run and follows it to its end.
import * as path from 'node:path';
import * as vscode from 'vscode';
import type { TrainModelArguments, TrainModelResult } from '../../../protocol/src/commands.ts';
import { START_RUN, type RunNews } from '../../../protocol/src/requests.ts';
import { workspaceFolder, type Command, type Workbench } from './command.ts';
import { askText, browse, choose, positiveInteger, workspaceFiles } from './dialogs.ts';

const TITLE = 'PRM: Train Model';
/** Where runs live in a workspace folder. */
const RUNS = path.join('.prm', 'runs');

/**
 * `executeCommand('prm.trainModel', { data | dataset, outputDir?, epochs?, maxExamples?, batchSize?, learningRate?, seed?,
 * device?, resume?, overwrite? })`: starts a run as a process of its own and resolves with a `TrainModelResult`
 * (protocol/src/commands.ts) when it has ended; `modelFolder` there is what `prm.selectModel` takes. The run goes on when
 * the window closes.
 */
export const trainModel: Command<'prm.trainModel'> = {
  id: 'prm.trainModel',

  async ask() {
    const source = await askSource();
    if (source === undefined) return undefined;
    const outputDir = await askText(
      TITLE,
      'Run folder; the name of the run is its last part',
      path.join(RUNS, await freeName()),
      (text) => (text === '' ? 'A folder for the run is needed.' : undefined),
    );
    if (outputDir === undefined) return undefined;
    const epochs = await askText(TITLE, 'Epochs: passes over the training examples', '3', positiveInteger);
    return epochs === undefined ? undefined : { ...source, outputDir, epochs: Number(epochs) };
  },

  run: runTraining,

  overwriting: (given) => ({ ...given, overwrite: true }),
};

async function runTraining(given: TrainModelArguments, workbench: Workbench): Promise<TrainModelResult> {
  const outputDir = given.outputDir ?? path.join(RUNS, await freeName());
  return resultOf(
    await workbench.runs.follow(() => workbench.server.request(START_RUN, { ...given, outputDir })),
  );
}

function resultOf({ run, modelFolder }: RunNews): TrainModelResult {
  return {
    state: run.state === 'running' ? 'stalled' : run.state,
    folder: run.folder,
    modelFolder,
    step: run.step,
    totalSteps: run.totalSteps,
    message: run.message,
    best: run.best,
  };
}

type Source = Pick<TrainModelArguments, 'data' | 'dataset'>;

async function askSource(): Promise<Source | undefined> {
  // `dataset_info.json` marks a folder that `prm format` wrote.
  const formatted = await workspaceFiles('**/dataset_info.json');
  const datasets = await workspaceFiles('**/*.parquet');
  const ask = await choose<() => Promise<Source | undefined>>(
    TITLE,
    [
      ...formatted.map(({ label, value }) => ({
        label: path.dirname(label),
        description: 'formatted',
        value: () => Promise.resolve<Source>({ data: path.dirname(value) }),
      })),
      ...datasets.map(({ label, value }) => ({
        label,
        description: 'dataset, formatted first',
        value: () => Promise.resolve<Source>({ dataset: value }),
      })),
      { label: '$(folder-opened) Browse for a formatted folder…', value: browseFormatted },
      { label: '$(file) Browse for a dataset…', value: browseDataset },
    ],
    'What to train on: a folder made by PRM: Format Dataset, or a dataset',
  );
  return ask?.();
}

async function browseFormatted(): Promise<Source | undefined> {
  const data = await browse('Formatted folder to train on', { folders: true });
  return data === undefined ? undefined : { data };
}

async function browseDataset(): Promise<Source | undefined> {
  const dataset = await browse('Dataset to train on', { files: { Datasets: ['parquet', 'jsonl', 'json'] } });
  return dataset === undefined ? undefined : { dataset };
}

/** `mini-1`, or the first number that no run has. */
async function freeName(): Promise<string> {
  const home = workspaceFolder();
  if (home === undefined) return 'mini-1';
  for (let number = 1; ; number++) {
    const name = `mini-${number}`;
    try {
      await vscode.workspace.fs.stat(vscode.Uri.joinPath(home, '.prm', 'runs', name));
    } catch (error) {
      if (error instanceof vscode.FileSystemError && error.code === 'FileNotFound') return name;
      throw error;
    }
  }
}
