// `PRM: Download Dataset…`: a dataset of the Hugging Face Hub into the cache that its other tools share.
import * as vscode from 'vscode';
import { DOWNLOAD_DATASET, LIST_HUB_DATASET } from '../../../protocol/src/hub.ts';
import { withProgress } from '../progress.ts';
import type { Command } from './command.ts';
import { askText, choose } from './dialogs.ts';

const TITLE = 'PRM: Download Dataset';
/** `owner/name`; the server checks the rest. */
const LOOKS_LIKE_AN_ID = /^[\w.-]+\/[\w.-]+(@\S+)?(:\S+)?$/;

/**
 * `executeCommand('prm.downloadDataset', { dataset })`: resolves with a `DownloadedDataset` (protocol/src/datasets.ts):
 * the files in the cache, whether they were there before or came now.
 */
export const downloadDataset: Command<'prm.downloadDataset'> = {
  id: 'prm.downloadDataset',

  async ask({ server }) {
    const dataset = await askText(
      TITLE,
      'Dataset of the Hugging Face Hub: owner/name, with @revision and :config/split behind it where they matter',
      'ebony59/gsm8k-gen-stepwise',
      (typed) => (LOOKS_LIKE_AN_ID.test(typed) ? undefined : 'An id such as owner/name is needed.'),
    );
    if (dataset === undefined) return undefined;
    if (dataset.includes(':')) return { dataset };
    const parts = await vscode.window.withProgress(
      {
        location: vscode.ProgressLocation.Notification,
        title: `PRM: asking the Hub for ${dataset}`,
        cancellable: true,
      },
      (_, token) => server.request(LIST_HUB_DATASET, { dataset }, token),
    );
    // With none or one there is nothing to choose; the download then says what is missing.
    if (parts.length < 2) return { dataset };
    return choose(
      TITLE,
      parts.map(({ config, split, files, bytes }) => ({
        label: `${config} / ${split}`,
        description: `${(bytes / 1e6).toFixed(1)} MB`,
        detail: files.length === 1 ? (files[0] ?? '') : `${files.length} files, ${files[0] ?? ''} the first`,
        value: { dataset: `${dataset}:${config}/${split}` },
      })),
      'Which configuration and split to download',
    );
  },

  run: (given, { server }) =>
    withProgress(server, DOWNLOAD_DATASET, given, {
      title: `PRM: downloading ${given.dataset}`,
      showAfter: 0,
    }),

  async tell({ id, files, bytes, cached }) {
    const [first] = files;
    if (first === undefined) return;
    const open = files.length === 1 ? 'Open as Dataset' : 'Open First File';
    const format = 'Format…';
    const parts = files.length === 1 ? '' : ` in ${files.length} files`;
    const how = cached ? 'was here already' : 'is downloaded';
    const chosen = await vscode.window.showInformationMessage(
      `${id} ${how}: ${(bytes / 1e6).toFixed(1)} MB${parts}.`,
      open,
      // The command formats a file that was chosen; several files are formatted by their id, on the command line.
      ...(files.length === 1 ? [format] : []),
    );
    if (chosen === open) await vscode.commands.executeCommand('prm.openDataset', { path: first });
    if (chosen === format) await vscode.commands.executeCommand('prm.formatDataset', vscode.Uri.file(first));
  },
};
