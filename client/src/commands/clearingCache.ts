// What the commands that remove kept answers have in common: the question, the work, the word at the end.
import * as vscode from 'vscode';
import type { ClearCacheArguments } from '../../../protocol/src/commands.ts';
import { CLEAR_CACHE, type CachedModel, type ClearedCache } from '../../../protocol/src/generation.ts';
import { clearedText, clearingQuestion } from '../cacheViewText.ts';
import { withProgress } from '../progress.ts';
import { requireTrust } from '../trust.ts';
import type { Workbench } from './command.ts';

/** Asks whether these models' answers may go; false also where there are none. @throws where the workspace is not trusted */
export async function confirmClearing(models: readonly CachedModel[]): Promise<boolean> {
  requireTrust('Clearing the answer cache');
  if (models.length === 0) {
    await tellCleared({ removed: 0 });
    return false;
  }
  const { question, detail } = clearingQuestion(models);
  const remove = 'Remove';
  return (await vscode.window.showWarningMessage(question, { modal: true, detail }, remove)) === remove;
}

export async function clearAnswers(
  given: ClearCacheArguments,
  { server, cache }: Workbench,
): Promise<ClearedCache> {
  try {
    const title = 'PRM: removing kept answers';
    return await withProgress(server, CLEAR_CACHE, given, { title, showAfter: 300 });
  } finally {
    // Stopped half-way it has removed some.
    cache.answersChanged();
  }
}

export async function tellCleared(cleared: ClearedCache): Promise<void> {
  await vscode.window.showInformationMessage(clearedText(cleared));
}
