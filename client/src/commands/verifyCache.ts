// `PRM: Verify Answer Cache`: reads every kept answer again, and removes what is damaged.
import * as vscode from 'vscode';
import { VERIFY_CACHE } from '../../../protocol/src/generation.ts';
import { checkedText } from '../cacheViewText.ts';
import { withProgress } from '../progress.ts';
import type { Command } from './command.ts';

/** `executeCommand('prm.verifyCache', {})`: resolves with a `CacheCheck` (protocol/src/generation.ts). */
export const verifyCache: Command<'prm.verifyCache'> = {
  id: 'prm.verifyCache',
  ask: () => Promise.resolve({}),
  async run(_given, { server, cache }) {
    try {
      const title = 'PRM: reading all kept answers again';
      return await withProgress(server, VERIFY_CACHE, {}, { title, showAfter: 300 });
    } finally {
      cache.answersChanged();
    }
  },
  async tell(check) {
    const show = check.removed > 0 ? vscode.window.showWarningMessage : vscode.window.showInformationMessage;
    await show(checkedText(check));
  },
};
