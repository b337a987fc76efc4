// `PRM: Clear Answer Cache…`: removes the kept answers of all models, after a question.
import type { Command } from './command.ts';
import { clearAnswers, confirmClearing, tellCleared } from './clearingCache.ts';

/**
 * `executeCommand('prm.clearCache', { model? })`: removes the answers of one model, or of all. Resolves with
 * `{ removed }`, the number of answers that were there.
 */
export const clearCache: Command<'prm.clearCache'> = {
  id: 'prm.clearCache',
  async ask({ cache }) {
    const { models } = await cache.refresh();
    return (await confirmClearing(models)) ? {} : undefined;
  },
  run: clearAnswers,
  tell: tellCleared,
};
