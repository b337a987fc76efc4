// What the suite sees and does in VS Code, in the words of the tests.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import path from 'node:path';
import * as vscode from 'vscode';
import type { CommandId, CommandSignatures } from '../../protocol/src/commands.ts';

/** An inlay hint: where it stands, and its text. */
export interface Hint {
  line: number;
  character: number;
  text: string;
}

/** Calls a command of the extension as another extension would: no dialogs, failures reject. */
export async function prm<Id extends CommandId>(
  id: Id,
  given: CommandSignatures[Id]['arguments'],
): Promise<CommandSignatures[Id]['result']> {
  return vscode.commands.executeCommand<CommandSignatures[Id]['result']>(id, given);
}

/** A file of the opened workspace. */
export function inWorkspace(relative: string): vscode.Uri {
  const [folder] = vscode.workspace.workspaceFolders ?? [];
  assert.ok(folder, 'a workspace folder is open');
  return vscode.Uri.joinPath(folder.uri, relative);
}

export async function openEditor(relative: string): Promise<vscode.TextEditor> {
  const document = await vscode.workspace.openTextDocument(inWorkspace(relative));
  return vscode.window.showTextDocument(document);
}

export async function readWorkspaceFile(relative: string): Promise<string> {
  return Buffer.from(await vscode.workspace.fs.readFile(inWorkspace(relative))).toString('utf8');
}

/** The inlay hints of a whole document, in order, through VS Code's own command. */
export async function hintsOf({ uri, lineCount }: vscode.TextDocument): Promise<Hint[]> {
  const hints = await vscode.commands.executeCommand<vscode.InlayHint[]>(
    'vscode.executeInlayHintProvider',
    uri,
    new vscode.Range(0, 0, lineCount, 0),
  );
  return hints
    .map(({ position, label }) => ({
      line: position.line,
      character: position.character,
      text: typeof label === 'string' ? label : label.map(({ value }) => value).join(''),
    }))
    .sort((a, b) => a.line - b.line);
}

/** The text of all hovers at the first place where `needle` stands. */
export async function hoverOver(document: vscode.TextDocument, needle: string): Promise<string> {
  const offset = document.getText().indexOf(needle);
  assert.notEqual(offset, -1, `the document holds "${needle}"`);
  const hovers = await vscode.commands.executeCommand<vscode.Hover[]>(
    'vscode.executeHoverProvider',
    document.uri,
    document.positionAt(offset + 1),
  );
  return hovers
    .flatMap(({ contents }) => contents)
    .map((content) => (typeof content === 'string' ? content : content.value))
    .join('\n');
}

/** Replaces the first occurrence of a text, as typing would. */
export async function replace(editor: vscode.TextEditor, needle: string, by: string): Promise<void> {
  const offset = editor.document.getText().indexOf(needle);
  assert.notEqual(offset, -1, `the document holds "${needle}"`);
  const range = new vscode.Range(
    editor.document.positionAt(offset),
    editor.document.positionAt(offset + needle.length),
  );
  assert.ok(await editor.edit((edit) => edit.replace(range, by)));
}

/** Ends the scoring engines that this window's server started, as the system would when memory runs out. */
export function killEngines(): number[] {
  // Every process: its id, its parent's id, its command line.
  const processes = execFileSync('ps', ['-A', '-o', 'pid=,ppid=,args='], { encoding: 'utf8' })
    .split('\n')
    .map((line) => /^\s*(\d+)\s+(\d+)\s+(.*)$/.exec(line))
    .filter((match) => match !== null)
    .map(([, pid, parent, command = '']) => ({ pid: Number(pid), parent: Number(parent), command }));
  const parents = new Map(processes.map(({ pid, parent }) => [pid, parent]));
  const isOurs = (pid: number): boolean => {
    for (let at: number | undefined = pid; at !== undefined; at = parents.get(at)) {
      if (at === process.pid) return true;
    }
    return false;
  };
  const engine = path.join('server', 'engine.cjs');
  const engines = processes.filter(({ pid, command }) => command.includes(engine) && isOurs(pid));
  for (const { pid } of engines) process.kill(pid, 'SIGKILL');
  return engines.map(({ pid }) => pid);
}

/** Waits until `look` gives a value that `holds`, and returns it; fails with the last value after `seconds`. */
export async function until<Value>(
  look: () => Promise<Value> | Value,
  holds: (value: Value) => boolean,
  seconds = 10,
): Promise<Value> {
  const giveUp = Date.now() + seconds * 1000;
  for (;;) {
    const value = await look();
    if (holds(value)) return value;
    assert.ok(Date.now() < giveUp, `not within ${seconds} s; last seen: ${JSON.stringify(value)}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
