// `PRM: Format Dataset…`: a dataset into one example a step, split and balanced.
import * as path from 'node:path';
import * as vscode from 'vscode';
import type { FormatDatasetArguments } from '../../../protocol/src/commands.ts';
import { FORMAT_DATASET, type FormatDatasetResult } from '../../../protocol/src/requests.ts';
import { withProgress } from '../progress.ts';
import { showReport } from '../reports.ts';
import { revealFolder } from '../revealFolder.ts';
import { notEmpty } from './checks.ts';
import type { Command } from './command.ts';
import { askText, browse, choose, workspaceFiles, type Choice } from './dialogs.ts';

const TITLE = 'PRM: Format Dataset';
const DATASET_FILES = { Datasets: ['parquet', 'jsonl', 'json'] };

/**
 * `executeCommand('prm.formatDataset', { dataset, outputDir, maxExamples?, balance?, valRatio?, seed?, completions?,
 * overwrite? })`: resolves with a `FormatDatasetResult` (protocol/src/requests.ts): the output folder and the counts.
 */
export const formatDataset: Command<'prm.formatDataset'> = {
  id: 'prm.formatDataset',

  async ask(_workbench, clicked) {
    const dataset = clicked?.fsPath ?? (await askDataset());
    if (dataset === undefined) return undefined;
    const balance = await choose(
      TITLE,
      [
        { label: 'Balanced', description: 'as many correct as incorrect examples', value: true },
        { label: 'All examples', description: 'as the dataset has them', value: false },
      ],
      'Which examples to keep; 10 % of the problems are held back for validation',
    );
    if (balance === undefined) return undefined;
    const outputDir = await askText(
      TITLE,
      'Output folder; relative to the workspace folder, or absolute',
      path.join('data', `${path.parse(dataset).name}_formatted`),
      notEmpty,
    );
    return outputDir === undefined ? undefined : { dataset, outputDir, balance };
  },

  run: (given, { server }) =>
    withProgress(server, FORMAT_DATASET, given, {
      title: `PRM: formatting ${path.basename(given.dataset)}`,
      showAfter: 0,
    }),

  overwriting: (given: FormatDatasetArguments) => ({ ...given, overwrite: true }),

  async tell(result) {
    const open = 'Open Folder';
    const statistics = 'Show Statistics';
    const chosen = await vscode.window.showInformationMessage(summary(result), open, statistics);
    if (chosen === open) await revealFolder(result.outputDir);
    if (chosen === statistics)
      await showReport(`${path.basename(result.outputDir)} statistics`, result.statistics);
  },
};

async function askDataset(): Promise<string | undefined> {
  const other: Choice<undefined> = { label: '$(folder-opened) Browse…', value: undefined };
  const found = await workspaceFiles('**/*.{parquet,jsonl}');
  const chosen = await choose<(() => Promise<string | undefined>) | undefined>(
    TITLE,
    [
      ...found.map(({ label, value }) => ({
        label,
        value: () => Promise.resolve<string | undefined>(value),
      })),
      { ...other, value: () => browse('Dataset to format', { files: DATASET_FILES }) },
    ],
    'A Parquet or JSON Lines file with reasoning steps and labels',
  );
  return chosen?.();
}

function summary(result: FormatDatasetResult): string {
  const count = (value: number): string => value.toLocaleString('en');
  const skipped = result.skippedRows === 0 ? '' : ` ${count(result.skippedRows)} rows were skipped.`;
  return (
    `${count(result.examples)} examples (${count(result.correct)} correct, ${count(result.incorrect)} incorrect) ` +
    `from ${count(result.rows)} rows: ${count(result.train)} for training, ` +
    `${count(result.validation)} for validation.${skipped}`
  );
}
