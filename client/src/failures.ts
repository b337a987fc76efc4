// Failures as a person sees them: one message, with the remedies as buttons.
import * as vscode from 'vscode';
import type { Failure, RemedyAction } from '../../protocol/src/requests.ts';

/** A failure that the server answered with. Its message is for people. */
export class ServerFailure extends Error {
  readonly failure: Failure;

  constructor(failure: Failure) {
    super(sentence(failure));
    this.name = 'ServerFailure';
    this.failure = failure;
  }
}

/** A notification draws `[words](command:…)` as a link that runs the command: texts from files are not to have any. */
export function withoutLinks(message: string): string {
  return message.replaceAll('](', '] (');
}

function sentence({ what, where, remedy }: Failure): string {
  const place = where === undefined ? '' : `${where}: `;
  return `${place}${what}.${remedy === undefined ? '' : ` ${remedy}`}`;
}

/** What was thrown, in its words for people. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** What a command can do about a failure beside the remedies that always work. */
export interface OwnRemedies {
  /** Does the same again, replacing what is in the way. */
  overwrite?: (() => Promise<unknown>) | undefined;
  /** Asks for the key of a model server, and does the same again with it. */
  setKey?: (() => Promise<unknown>) | undefined;
  /** Does the same again, for the rest: what was done is kept. */
  goOn?: (() => Promise<unknown>) | undefined;
}

interface Remedy {
  title: string;
  run: () => Thenable<unknown>;
}

function remedyFor(action: RemedyAction, own: OwnRemedies): Remedy | undefined {
  switch (action) {
    case 'selectModel':
      return command('Select Model…', 'prm.selectModel');
    case 'showOutput':
      return command('Show Output', 'prm.showOutput');
    case 'restartServer':
      return command('Restart Server', 'prm.restartServer');
    case 'manageTrust':
      return command('Manage Workspace Trust', 'workbench.trust.manage');
    case 'overwrite':
      return own.overwrite === undefined ? undefined : { title: 'Overwrite', run: own.overwrite };
    case 'setKey':
      return own.setKey === undefined ? undefined : { title: 'Set Key…', run: own.setKey };
    case 'goOn':
      return own.goOn === undefined ? undefined : { title: 'Go On', run: own.goOn };
  }
}

function command(title: string, id: string): Remedy {
  return { title, run: () => vscode.commands.executeCommand(id) };
}

/** Shows a failure and runs the remedy that the person chooses. A cancelled piece of work is no failure. */
export async function showFailure(error: unknown, own: OwnRemedies = {}): Promise<void> {
  if (error instanceof vscode.CancellationError) return;
  const actions = error instanceof ServerFailure ? error.failure.actions : [];
  const remedies = actions.flatMap((action) => remedyFor(action, own) ?? []);
  const titles = remedies.map(({ title }) => title);
  const chosen = await vscode.window.showErrorMessage(withoutLinks(messageOf(error)), ...titles);
  await remedies.find(({ title }) => title === chosen)?.run();
}

/** Work that was stopped, and that keeps what it paid for. */
export async function showStopped(goOn: () => Promise<unknown>): Promise<void> {
  const button = 'Go On';
  const chosen = await vscode.window.showInformationMessage(
    'Stopped. What was paid for is kept; the same command goes on from there.',
    button,
  );
  if (chosen === button) await goOn();
}
