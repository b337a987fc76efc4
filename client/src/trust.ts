// Work that a workspace has to be trusted for: the server refuses it too, but nobody answers questions to be told then.
import * as vscode from 'vscode';
import { ServerFailure } from './failures.ts';

/** @throws ServerFailure with the words and the button of the server's own refusal */
export function requireTrust(what: string): void {
  if (vscode.workspace.isTrusted) return;
  throw new ServerFailure({
    what: `${what} needs a trusted workspace`,
    remedy: 'Trust this workspace first.',
    actions: ['manageTrust'],
  });
}
