// `PRM: Select Model…`: which model scores, kept in the setting `prm.model.path`.
import * as path from 'node:path';
import * as vscode from 'vscode';
import { LIST_MODELS, type ModelCandidate } from '../../../protocol/src/requests.ts';
import { workspaceFolder, type Command, type Workbench } from './command.ts';
import { browse, choose, type Choice } from './dialogs.ts';

/**
 * `executeCommand('prm.selectModel', { model })`: writes the setting `prm.model.path`, of the workspace where a folder is
 * open, else of the user; a folder inside the workspace is kept relative to it. Resolves with `{ setting }`, what was
 * written. An empty `model` means none.
 */
export const selectModel: Command<'prm.selectModel'> = {
  id: 'prm.selectModel',

  async ask(workbench) {
    const model = await askModel(workbench);
    return model === undefined ? undefined : { model };
  },

  async run({ model }) {
    const home = workspaceFolder();
    const setting = home === undefined ? model : relativeInside(home.fsPath, model);
    const target =
      home === undefined ? vscode.ConfigurationTarget.Global : vscode.ConfigurationTarget.Workspace;
    await vscode.workspace.getConfiguration('prm').update('model.path', setting, target);
    return { setting };
  },
};

async function askModel({ server }: Workbench): Promise<string | undefined> {
  const candidates = await server.request(LIST_MODELS, {});
  const asked = await choose<() => Promise<string | undefined>>(
    'PRM: Select Model',
    [
      ...candidates.map(asChoice),
      {
        label: '$(folder-opened) Browse…',
        description: 'a model folder: config.json, model.safetensors, tokenizer.json, prm.json',
        value: () => browse('Model folder', { folders: true }),
      },
      ...(candidates.length === 0 ? [{ label: '$(play) Train a model…', value: trainInstead }] : []),
      ...(candidates.some(({ selected }) => selected)
        ? [{ label: '$(circle-slash) No model', value: () => Promise.resolve<string | undefined>('') }]
        : []),
    ],
    candidates.length === 0
      ? 'No trained model was found in this workspace; train one with PRM: Train Model'
      : 'The model that scores reasoning steps',
  );
  return asked?.();
}

/** Leaves the question unanswered: the end of the run offers its model. */
function trainInstead(): Promise<undefined> {
  void vscode.commands.executeCommand('prm.trainModel');
  return Promise.resolve(undefined);
}

function asChoice({
  folder,
  label,
  detail,
  selected,
}: ModelCandidate): Choice<() => Promise<string | undefined>> {
  return {
    label,
    detail,
    ...(selected ? { description: 'selected' } : {}),
    value: () => Promise.resolve<string | undefined>(folder),
  };
}

/** The path relative to `home` where it lies inside it, with `/`, so that a workspace can be shared; else as it is. */
function relativeInside(home: string, folder: string): string {
  if (folder === '' || !path.isAbsolute(folder)) return folder;
  const relative = path.relative(home, folder);
  const outside = relative === '' || relative.startsWith('..') || path.isAbsolute(relative);
  return outside ? folder : relative.split(path.sep).join('/');
}
