// `PRM: Reveal Folder of the Answer Cache`: where the kept answers lie.
import * as vscode from 'vscode';
import { revealFolder } from '../revealFolder.ts';
import type { Command } from './command.ts';

/** `executeCommand('prm.revealCache', {})`: resolves with `{ folder, exists }`. */
export const revealCache: Command<'prm.revealCache'> = {
  id: 'prm.revealCache',
  ask: () => Promise.resolve({}),
  async run(_given, { cache }) {
    const { folder } = await cache.refresh();
    const exists = await vscode.workspace.fs.stat(vscode.Uri.file(folder)).then(
      () => true,
      () => false,
    );
    if (exists) await revealFolder(folder);
    return { folder, exists };
  },
  async tell({ folder, exists }) {
    if (!exists)
      await vscode.window.showInformationMessage(`${folder} is made when the first answer is kept.`);
  },
};
