// `PRM: Generate Training Data…`: errors in correct solutions, solutions of a model server, labels for their steps.
import * as vscode from 'vscode';
import type { GenerateDataArguments } from '../../../protocol/src/commands.ts';
import { GENERATE_DATA, type GeneratedData } from '../../../protocol/src/generation.ts';
import { withoutLinks } from '../failures.ts';
import { describeGenerated, describeWork } from '../generationText.ts';
import { withProgress } from '../progress.ts';
import { requireTrust } from '../trust.ts';
import { without } from '../without.ts';
import type { Command } from './command.ts';
import { asksModel, generateQuestions, type Answers } from './generateQuestions.ts';
import { complete, freeDataFolder, keyOf, worldOf } from './generateWorld.ts';
import { askInTurn } from './questions.ts';
import { quickAsker } from './quickQuestions.ts';
import { checkAddress, keyQuestion } from './serverQuestions.ts';

const TITLE = 'PRM: Generate Training Data';

/** What the command is called with where its file is to be labelled: the person is not asked for another method. */
class SolutionsToLabel {
  constructor(readonly file: vscode.Uri) {}
}

/**
 * `executeCommand('prm.generateData', { method, dataset, outputDir?, layout?, count?, limit?, seed?, strategies?, by?,
 * server?, model?, key?, budgetTokens?, forceRegenerate?, overwrite? })`: resolves with a `GeneratedData`
 * (protocol/src/generation.ts), whose file is open in the dataset editor. The key is the one that is kept for the server, or
 * the environment's, where it is missing.
 */
export const generateData: Command<'prm.generateData'> = {
  id: 'prm.generateData',

  async ask(workbench, clicked, item) {
    requireTrust('Making training data');
    const isLabelling = item instanceof SolutionsToLabel;
    const file = isLabelling ? item.file : clicked;
    const start: Answers = file === undefined ? {} : { dataset: file.fsPath };
    const questions = generateQuestions(worldOf(workbench, file), isLabelling ? 'label' : undefined);
    const answers = await askInTurn(questions, start, quickAsker(TITLE), file === undefined ? 0 : 1);
    return answers === undefined ? undefined : complete(answers);
  },

  async run(given, { server, servers, cache }) {
    const outputDir = given.outputDir ?? (await freeDataFolder(given));
    // One that is refused may hold a secret.
    if (given.server !== undefined && checkAddress(given.server) === undefined) {
      await servers.remember(given.server);
    }
    const made = await withProgress(
      server,
      GENERATE_DATA,
      { ...given, outputDir, ...(await keyOf(given, servers)) },
      { title: `PRM: ${describeWork(given)}`, showAfter: 0 },
    ).finally(() => {
      if (asksModel(given) === true) cache.answersChanged();
    });
    if (made.rows > 0) await vscode.commands.executeCommand('prm.openDataset', { path: made.file });
    return made;
  },

  overwriting: (given) => ({ ...given, overwrite: true }),

  keepsWhatItDid: (given) => asksModel(given) === true,

  async settingKey(given, { servers }) {
    const { server } = given;
    if (server === undefined) return undefined;
    const asker = quickAsker(TITLE)({ step: 1, of: 1, canGoBack: false });
    const key = await asker.ask(keyQuestion(server));
    // There is no way back from here: the other answers are given.
    if (typeof key !== 'object') return undefined;
    await servers.keepKey(server, key.value);
    return without(given, 'key');
  },

  async tell(made, _workbench, given) {
    const message = withoutLinks(describeGenerated(made, vscode.workspace.asRelativePath(made.file)));
    const buttons = new Map(nextSteps(made, given).map(({ title, run }) => [title, run]));
    const show =
      made.missing.length === 0 ? vscode.window.showInformationMessage : vscode.window.showWarningMessage;
    const chosen = await show(message, ...buttons.keys());
    if (chosen !== undefined) await buttons.get(chosen)?.();
  },
};

interface NextStep {
  title: string;
  run: () => Thenable<unknown>;
}

/** What is mostly done with what was made. */
function nextSteps({ method, file, rows, missing }: GeneratedData, given: GenerateDataArguments): NextStep[] {
  const made = vscode.Uri.file(file);
  const goOn: NextStep = {
    title: 'Go On',
    // The file is there, and is written again with what was missing.
    run: () =>
      vscode.commands.executeCommand('prm.generateData', { forPerson: { ...given, overwrite: true } }),
  };
  const label: NextStep = {
    title: 'Label…',
    run: () => vscode.commands.executeCommand('prm.generateData', new SolutionsToLabel(made)),
  };
  const format: NextStep = {
    title: 'Format…',
    run: () => vscode.commands.executeCommand('prm.formatDataset', made),
  };
  return [
    ...(missing.length === 0 ? [] : [goOn]),
    ...(rows === 0 ? [] : [method === 'sample' ? label : format]),
  ];
}
