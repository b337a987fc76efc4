// Shows a folder to a person, wherever VS Code runs.
import * as vscode from 'vscode';

/**
 * In the explorer where the folder is part of the workspace; else in the system's file manager, or in a window of its
 * own where the folder lies on another machine than the window, which has no file manager for it.
 */
export async function revealFolder(folder: string): Promise<void> {
  const uri = vscode.Uri.file(folder);
  if (vscode.workspace.getWorkspaceFolder(uri) !== undefined) {
    await vscode.commands.executeCommand('revealInExplorer', uri);
  } else if (vscode.env.remoteName === undefined && vscode.env.uiKind === vscode.UIKind.Desktop) {
    await vscode.commands.executeCommand('revealFileInOS', uri);
  } else {
    await vscode.commands.executeCommand('vscode.openFolder', uri, { forceNewWindow: true });
  }
}
