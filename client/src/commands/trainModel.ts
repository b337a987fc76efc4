// `PRM: Train Model…`: starts a training run, shows it, and follows it to its end.
import * as path from 'node:path';
import * as vscode from 'vscode';
import type { TrainModelArguments, TrainModelResult } from '../../../protocol/src/commands.ts';
import { START_RUN, type RunNews } from '../../../protocol/src/requests.ts';
import { notEmpty, positiveInteger } from './checks.ts';
import type { Command, Workbench } from './command.ts';
import { askText } from './dialogs.ts';
import { freeFolder } from './freeFolder.ts';
import { askDevice, askMethod, askModel, askSource, TITLE } from './trainQuestions.ts';

/** Where runs live in a workspace folder. */
const RUNS = path.join('.prm', 'runs');

/**
 * `executeCommand('prm.trainModel', { data | dataset, outputDir?, modelName?, method?, stages?, epochs?, maxExamples?,
 * batchSize?, learningRate?, seed?, device?, overwrite? })`, or `{ outputDir, resume: true }` to go on with a run: starts
 * a run as a process of its own and resolves with a `TrainModelResult` (protocol/src/commands.ts) when it has ended;
 * `modelFolder` there is what `prm.selectModel` takes. The run goes on when the window closes.
 */
export const trainModel: Command<'prm.trainModel'> = {
  id: 'prm.trainModel',

  async ask({ recentModels }) {
    const source = await askSource();
    if (source === undefined) return undefined;
    const modelName = await askModel(recentModels);
    if (modelName === undefined) return undefined;
    const method = modelName === 'mini' ? {} : await askMethod();
    if (method === undefined) return undefined;
    const device = await askDevice();
    if (device === undefined) return undefined;
    const outputDir = await askText(
      TITLE,
      'Run folder; the name of the run is its last part',
      await freeName({ modelName, ...method }),
      notEmpty,
    );
    if (outputDir === undefined) return undefined;
    const epochs = await askText(TITLE, 'Epochs: passes over the training examples', '3', positiveInteger);
    if (epochs === undefined) return undefined;
    await recentModels.add(modelName);
    return { ...source, modelName, ...method, device, outputDir, epochs: Number(epochs) };
  },

  run: runTraining,

  overwriting: (given) => ({ ...given, overwrite: true }),
};

async function runTraining(given: TrainModelArguments, workbench: Workbench): Promise<TrainModelResult> {
  const { server, runs, places, dashboard } = workbench;
  const outputDir = given.outputDir ?? (await freeName(given));
  const news = await runs.follow(async () => {
    const started = await server.request(START_RUN, { ...given, outputDir });
    await places.remember(started.folder);
    if (vscode.workspace.getConfiguration('prm').get('training.openDashboard', true)) {
      dashboard.open({ preserveFocus: true });
    }
    return started;
  });
  return resultOf(news);
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

/** `.prm/runs/mini-1`, `.prm/runs/Qwen3-0.6B-lora-1`, or the first number that no run has. */
function freeName({ modelName = 'mini', method, stages }: TrainModelArguments): Promise<string> {
  const model = path.basename(modelName).replace(/@.*/, '');
  const base = [model, ...(stages ?? (method === undefined ? [] : [method]))].join('-');
  return freeFolder(RUNS, base);
}
