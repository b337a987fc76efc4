// `PRM: Clear Scores`: forgets the scores of a document.
import * as vscode from 'vscode';
import { CLEAR_SCORES } from '../../../protocol/src/requests.ts';
import type { Command } from './command.ts';

/**
 * `executeCommand('prm.clearScores', { uri? })`: forgets the scores of one document, or of all documents where
 * `uri` is missing. Resolves with `{ cleared }`, the number of scored texts forgotten. Called by a person it
 * clears the active editor.
 */
export const clearScores: Command<'prm.clearScores'> = {
  id: 'prm.clearScores',
  ask() {
    const uri = vscode.window.activeTextEditor?.document.uri.toString();
    return Promise.resolve(uri === undefined ? {} : { uri });
  },
  run: (given, { server }) => server.request(CLEAR_SCORES, given),
  async tell({ cleared }) {
    if (cleared === 0) await vscode.window.showInformationMessage('This document has no scores.');
  },
};
