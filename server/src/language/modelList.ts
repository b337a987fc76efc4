// The models that a person may choose: those of the workspace's runs, and the one that is selected.
import { readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { LIST_MODELS, type ModelCandidate } from '../../../protocol/src/requests.ts';
import { systemErrorCode } from '../support/errors.ts';
import type { Workplace } from './workplace.ts';

/** Where runs live, below a workspace folder. */
export const RUNS_FOLDER = path.join('.prm', 'runs');

/** The models that a run leaves, the better one first. */
export const MODELS_OF_A_RUN = ['best_model', 'final_model'] as const;

export function serveModelList(workplace: Workplace): void {
  workplace.onRequest(LIST_MODELS, z.object({}), async () => {
    const settings = await workplace.readSettings();
    const setting = settings['model.path'];
    return listModels(workplace.folders, setting === '' ? undefined : workplace.resolvePath(setting));
  });
}

/** The newest first; the selected one is among them wherever it lies. */
async function listModels(
  workspaceFolders: readonly string[],
  selected: string | undefined,
): Promise<ModelCandidate[]> {
  const folders = new Set<string>(selected === undefined ? [] : [selected]);
  for (const workspace of workspaceFolders) {
    const runs = path.join(workspace, RUNS_FOLDER);
    for (const run of await entriesOf(runs)) {
      for (const name of MODELS_OF_A_RUN) folders.add(path.join(runs, run, name));
    }
  }
  const candidates: ModelCandidate[] = [];
  for (const folder of folders) {
    const description = await stat(path.join(folder, 'prm.json')).catch(() => undefined);
    if (description === undefined && folder !== selected) continue;
    candidates.push({
      folder,
      label: modelLabel(folder),
      detail:
        description === undefined ? `${folder} (no model is there)` : relativeTo(workspaceFolders, folder),
      modified: description?.mtimeMs ?? 0,
      selected: folder === selected,
    });
  }
  return candidates.sort((a, b) => b.modified - a.modified);
}

/** `gsm8k-mini / best_model` for a model of a run, else the folder's own name. */
export function modelLabel(folder: string): string {
  const name = path.basename(folder);
  const isOfRun = MODELS_OF_A_RUN.some((model) => model === name);
  return isOfRun ? `${path.basename(path.dirname(folder))} / ${name}` : name;
}

function relativeTo(workspaceFolders: readonly string[], folder: string): string {
  const home = workspaceFolders.find((workspace) => folder.startsWith(workspace + path.sep));
  return home === undefined ? folder : path.relative(home, folder);
}

async function entriesOf(folder: string): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    const code = systemErrorCode(error);
    if (code === 'ENOENT' || code === 'ENOTDIR') return [];
    throw error;
  }
}
