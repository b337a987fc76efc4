// A name for a new folder of the workspace.
import * as path from 'node:path';
import * as vscode from 'vscode';
import { workspaceFolder } from './command.ts';

/**
 * `PARENT/BASE-1`, or with the first number that is free.
 * @param parent relative to the workspace folder; so is the result
 */
export async function freeFolder(parent: string, base: string): Promise<string> {
  const home = workspaceFolder();
  for (let number = 1; ; number++) {
    const folder = path.join(parent, `${base}-${number}`);
    if (home === undefined) return folder;
    try {
      await vscode.workspace.fs.stat(vscode.Uri.joinPath(home, folder));
    } catch (error) {
      if (error instanceof vscode.FileSystemError && error.code === 'FileNotFound') return folder;
      throw error;
    }
  }
}
