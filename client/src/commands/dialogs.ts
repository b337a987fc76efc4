// Questions that commands ask, each usable by keyboard alone.
import * as vscode from 'vscode';
import { workspaceFolder } from './command.ts';

/** A choice with a value behind it. */
export interface Choice<Value> extends vscode.QuickPickItem {
  value: Value;
}

/** One of a list; undefined when the person went back. */
export async function choose<Value>(
  title: string,
  choices: readonly Choice<Value>[],
  placeHolder: string,
): Promise<Value | undefined> {
  const chosen = await vscode.window.showQuickPick(choices, { title, placeHolder, matchOnDescription: true });
  return chosen?.value;
}

/** A line of text that `check` accepts; `check` gives the complaint. */
export async function askText(
  title: string,
  prompt: string,
  value: string,
  check: (text: string) => string | undefined,
): Promise<string | undefined> {
  const text = await vscode.window.showInputBox({
    title,
    prompt,
    value,
    ignoreFocusOut: true,
    validateInput: (typed) => check(typed.trim()),
  });
  return text?.trim();
}

/** One existing file or folder; undefined when the person went back. */
export async function browse(
  title: string,
  options: { folders: true } | { files: Record<string, string[]> },
): Promise<string | undefined> {
  const home = workspaceFolder();
  const chosen = await vscode.window.showOpenDialog({
    title,
    canSelectMany: false,
    ...(home === undefined ? {} : { defaultUri: home }),
    ...('folders' in options
      ? { canSelectFolders: true, canSelectFiles: false }
      : { filters: options.files, canSelectFiles: true }),
  });
  return chosen?.[0]?.fsPath;
}

/** Files of the workspace as choices, named relative to it; of what this extension keeps there, the data that it made. */
export async function workspaceFiles(pattern: string): Promise<Choice<string>[]> {
  const limit = 200;
  const [own, made] = await Promise.all([
    vscode.workspace.findFiles(pattern, '**/{node_modules,.git,.prm}/**', limit),
    vscode.workspace.findFiles(`.prm/data/${pattern}`, undefined, limit),
  ]);
  return [...own, ...made]
    .map((uri) => ({ label: vscode.workspace.asRelativePath(uri), value: uri.fsPath }))
    .sort((a, b) => a.label.localeCompare(b.label));
}
