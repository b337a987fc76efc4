// `PRM: Evaluate Model…`: how well a trained model tells correct steps on data that it has not seen.
import * as vscode from 'vscode';
import { EVALUATE_MODEL, LIST_MODELS } from '../../../protocol/src/requests.ts';
import { describeEvaluation, evaluationDocument } from '../evaluationText.ts';
import { withoutLinks } from '../failures.ts';
import { withProgress } from '../progress.ts';
import type { Command } from './command.ts';
import { browse, choose } from './dialogs.ts';

const TITLE = 'PRM: Evaluate Model';

/**
 * `executeCommand('prm.evaluateModel', { model, data? | dataset?, maxExamples?, device? })`: resolves with an
 * `EvaluatedModel` (protocol/src/requests.ts). `model` is a model folder or a run folder; without data it is measured on
 * the validation data of its run.
 */
export const evaluateModel: Command<'prm.evaluateModel'> = {
  id: 'prm.evaluateModel',

  async ask({ server }) {
    const candidates = await server.request(LIST_MODELS, {});
    const ask = await choose<() => Promise<string | undefined>>(
      TITLE,
      [
        ...candidates.map(({ folder, label, detail }) => ({
          label,
          detail,
          value: () => Promise.resolve<string | undefined>(folder),
        })),
        { label: '$(folder-opened) Browse…', value: () => browse('Model folder', { folders: true }) },
      ],
      'The model to measure',
    );
    const model = await ask?.();
    if (model === undefined) return undefined;
    const data = await choose<() => Promise<{ data?: string; dataset?: string } | undefined>>(
      TITLE,
      [
        {
          label: 'The validation data of its run',
          description: 'problems that it was not trained on',
          value: () => Promise.resolve({}),
        },
        {
          label: '$(file) A dataset…',
          value: async () => {
            const dataset = await browse('Dataset to measure on', {
              files: { Datasets: ['parquet', 'jsonl', 'json'] },
            });
            return dataset === undefined ? undefined : { dataset };
          },
        },
        {
          label: '$(folder-opened) A formatted folder…',
          value: async () => {
            const folder = await browse('Formatted folder to measure on', { folders: true });
            return folder === undefined ? undefined : { data: folder };
          },
        },
      ],
      'What to measure it on',
    );
    const source = await data?.();
    return source === undefined ? undefined : { model, ...source };
  },

  run: (given, { server }) =>
    withProgress(server, EVALUATE_MODEL, given, {
      title: `PRM: evaluating ${vscode.workspace.asRelativePath(given.model)}`,
      showAfter: 300,
    }),

  async tell(evaluated) {
    const details = 'Show Details';
    const chosen = await vscode.window.showInformationMessage(
      withoutLinks(describeEvaluation(evaluated)),
      details,
    );
    if (chosen !== details) return;
    const content = evaluationDocument(evaluated);
    const document = await vscode.workspace.openTextDocument({ language: 'markdown', content });
    await vscode.window.showTextDocument(document, { preview: false });
  },
};
