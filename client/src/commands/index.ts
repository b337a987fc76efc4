// The table of commands, and the one place that registers them.
import * as vscode from 'vscode';
import type { CommandId, CommandSignatures, ForPerson } from '../../../protocol/src/commands.ts';
import { showFailure, showStopped } from '../failures.ts';
import { clearCache } from './clearCache.ts';
import { clearCachedModel } from './clearCachedModel.ts';
import { clearScores } from './clearScores.ts';
import type { Command, Workbench } from './command.ts';
import { downloadDataset } from './downloadDataset.ts';
import { evaluateModel } from './evaluateModel.ts';
import { formatDataset } from './formatDataset.ts';
import { generateData } from './generateData.ts';
import { goToRow } from './goToRow.ts';
import { openDashboard } from './openDashboard.ts';
import { openDataset } from './openDataset.ts';
import { refreshCache } from './refreshCache.ts';
import { restartServer } from './restartServer.ts';
import { revealCache } from './revealCache.ts';
import { scoreDocument } from './scoreDocument.ts';
import { scoreSelection } from './scoreSelection.ts';
import { selectModel } from './selectModel.ts';
import { showCache } from './showCache.ts';
import { showDevices } from './showDevices.ts';
import { showOutput } from './showOutput.ts';
import { trainModel } from './trainModel.ts';
import { verifyCache } from './verifyCache.ts';

const COMMANDS: { readonly [Id in CommandId]: Command<Id> } = {
  'prm.openDataset': openDataset,
  'prm.goToRow': goToRow,
  'prm.downloadDataset': downloadDataset,
  'prm.generateData': generateData,
  'prm.formatDataset': formatDataset,
  'prm.trainModel': trainModel,
  'prm.openDashboard': openDashboard,
  'prm.evaluateModel': evaluateModel,
  'prm.showDevices': showDevices,
  'prm.scoreSelection': scoreSelection,
  'prm.scoreDocument': scoreDocument,
  'prm.clearScores': clearScores,
  'prm.selectModel': selectModel,
  'prm.showCache': showCache,
  'prm.refreshCache': refreshCache,
  'prm.verifyCache': verifyCache,
  'prm.clearCache': clearCache,
  'prm.clearCachedModel': clearCachedModel,
  'prm.revealCache': revealCache,
  'prm.showOutput': showOutput,
  'prm.restartServer': restartServer,
};

export function registerCommands(workbench: Workbench): vscode.Disposable {
  return vscode.Disposable.from(...Object.values(COMMANDS).map((command) => register(command, workbench)));
}

function register<Id extends CommandId>(command: Command<Id>, workbench: Workbench): vscode.Disposable {
  return vscode.commands.registerCommand(command.id, async (first: unknown) => {
    if (isForPerson<Id>(first)) return runAndTell(command, first.forPerson, workbench);
    if (isArguments<Id>(first)) return command.run(first, workbench);
    return runForPerson(command, workbench, first);
  });
}

async function runForPerson<Id extends CommandId>(
  command: Command<Id>,
  workbench: Workbench,
  first: unknown,
): Promise<unknown> {
  try {
    const given = await command.ask(workbench, clickedFile(first), first);
    return given === undefined ? undefined : await runAndTell(command, given, workbench);
  } catch (error) {
    void showFailure(error);
    return undefined;
  }
}

async function runAndTell<Id extends CommandId>(
  command: Command<Id>,
  given: CommandSignatures[Id]['arguments'],
  workbench: Workbench,
): Promise<unknown> {
  try {
    const result = await command.run(given, workbench);
    // Not awaited: a message stays until it is dismissed, and whoever called the command wants its result now.
    command.tell?.(result, workbench, given).catch((error: unknown) => showFailure(error));
    return result;
  } catch (error) {
    if (command.showsFailures?.(workbench) !== true) void tellFailure(error, command, given, workbench);
    return undefined;
  }
}

/** With what this command can do about it. */
async function tellFailure<Id extends CommandId>(
  error: unknown,
  command: Command<Id>,
  given: CommandSignatures[Id]['arguments'],
  workbench: Workbench,
): Promise<void> {
  const again = (other: CommandSignatures[Id]['arguments'] | undefined): Promise<unknown> =>
    other === undefined ? Promise.resolve() : runAndTell(command, other, workbench);
  const goOn = command.keepsWhatItDid?.(given) === true ? () => again(given) : undefined;
  if (error instanceof vscode.CancellationError && goOn !== undefined) return showStopped(goOn);
  const replacing = command.overwriting?.(given);
  await showFailure(error, {
    overwrite: replacing && (() => again(replacing)),
    setKey: command.settingKey && (async () => again(await command.settingKey?.(given, workbench))),
    goOn,
  });
}

/** A menu gives the file it was opened on, a code lens its document's URI as text. */
function clickedFile(first: unknown): vscode.Uri | undefined {
  if (typeof first === 'string') return vscode.Uri.parse(first, true);
  return first instanceof vscode.Uri ? first : undefined;
}

function isForPerson<Id extends CommandId>(value: unknown): value is ForPerson<Id> {
  return isPlainObject(value) && 'forPerson' in value;
}

/** A caller's arguments. */
function isArguments<Id extends CommandId>(value: unknown): value is Parameters<Command<Id>['run']>[0] {
  return isPlainObject(value);
}

/** An editor's menu gives its URI, which is none. */
function isPlainObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype;
}
