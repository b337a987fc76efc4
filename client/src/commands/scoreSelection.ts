// `PRM: Score Selection`: scores the steps of the selected text.
import * as vscode from 'vscode';
import type { ScoreArguments } from '../../../protocol/src/commands.ts';
import type { ScoreReport, TextRange } from '../../../protocol/src/requests.ts';
import { scoreText } from '../scoring.ts';
import type { Command, Workbench } from './command.ts';

/**
 * `executeCommand('prm.scoreSelection', { uri?, range? })`: scores a range of a document; without them, the
 * active editor's selection. Resolves with a `ScoreReport` (protocol/src/requests.ts) when the hints and hovers are
 * there; rejects with the message that a person would see.
 */
export const scoreSelection: Command<'prm.scoreSelection'> = {
  id: 'prm.scoreSelection',
  ask: () => Promise.resolve({}),
  run: (given, workbench) => runScoreSelection(given, workbench),
};

async function runScoreSelection(given: ScoreArguments, { server }: Workbench): Promise<ScoreReport> {
  const editor = vscode.window.activeTextEditor;
  if (given.uri !== undefined && given.range !== undefined) {
    return scoreText(server, { uri: given.uri, range: given.range });
  }
  if (editor === undefined || (given.uri !== undefined && given.uri !== editor.document.uri.toString())) {
    throw new Error('No editor is active. Open a text, select a problem with its steps, and try again.');
  }
  const range = given.range ?? asRange(editor.selection);
  if (range.start.line === range.end.line && range.start.character === range.end.character) {
    throw new Error('Nothing is selected. Select a problem with its steps, or use PRM: Score Document.');
  }
  return scoreText(server, { uri: editor.document.uri.toString(), range });
}

function asRange({ start, end }: vscode.Range): TextRange {
  return {
    start: { line: start.line, character: start.character },
    end: { line: end.line, character: end.character },
  };
}
