// What the dashboard's buttons do outside the page: runs, models, clipboard, files.
import * as path from 'node:path';
import * as vscode from 'vscode';
import type { FromDashboard } from '../../protocol/src/dashboard.ts';
import { STOP_RUN } from '../../protocol/src/requests.ts';
import { workspaceFolder } from './commands/command.ts';
import { revealFolder } from './revealFolder.ts';
import type { Server } from './server.ts';

type Action = Exclude<FromDashboard, { type: 'ready' | 'watch' }>;

/** How long the status bar says what was copied, milliseconds. */
const SAYS_COPIED_FOR = 3_000;

const FILE_TYPES: Record<string, Record<string, string[]>> = {
  'text/csv': { CSV: ['csv'] },
  'image/png': { PNG: ['png'] },
};

/** @throws as the server's requests and VS Code's files do; where the person goes back, nothing happens */
export async function actOnRun(action: Action, server: Server): Promise<void> {
  switch (action.type) {
    case 'stop':
      await server.request(STOP_RUN, { folder: action.folder });
      return;
    case 'resume':
      // Not awaited: the command lasts as long as the run, and says itself what goes wrong.
      void vscode.commands.executeCommand('prm.trainModel', {
        forPerson: { outputDir: action.folder, resume: true },
      });
      return;
    case 'reveal':
      await revealFolder(action.folder);
      return;
    case 'use':
      await vscode.commands.executeCommand('prm.selectModel', {
        model: path.join(action.folder, action.model),
      });
      return;
    case 'evaluate':
      void vscode.commands.executeCommand('prm.evaluateModel', {
        forPerson: { model: action.folder },
      });
      return;
    case 'copy':
      await vscode.env.clipboard.writeText(action.text);
      vscode.window.setStatusBarMessage('Copied', SAYS_COPIED_FOR);
      return;
    case 'save':
      return save(action);
  }
}

async function save({ name, mediaType, base64 }: Extract<Action, { type: 'save' }>): Promise<void> {
  const home = workspaceFolder();
  const target = await vscode.window.showSaveDialog({
    filters: FILE_TYPES[mediaType] ?? {},
    // Its last part alone: a run's name is in it.
    defaultUri:
      home === undefined
        ? vscode.Uri.file(path.basename(name))
        : vscode.Uri.joinPath(home, path.basename(name)),
  });
  if (target === undefined) return;
  await vscode.workspace.fs.writeFile(target, Buffer.from(base64, 'base64'));
}
