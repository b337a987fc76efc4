// `PRM: Score Document`: scores the steps of a whole document.
import * as vscode from 'vscode';
import { scoreText } from '../scoring.ts';
import type { Command } from './command.ts';

/**
 * `executeCommand('prm.scoreDocument', { uri? })`: scores an open document, the active editor's where `uri` is
 * missing. Resolves with a `ScoreReport` (protocol/src/requests.ts); rejects with the message a person would see.
 */
export const scoreDocument: Command<'prm.scoreDocument'> = {
  id: 'prm.scoreDocument',
  ask: () => Promise.resolve({}),
  async run(given, { server }) {
    const uri = given.uri ?? vscode.window.activeTextEditor?.document.uri.toString();
    if (uri === undefined)
      throw new Error('No editor is active. Open a text with reasoning steps and try again.');
    return scoreText(server, { uri });
  },
};
