// `PRM: Clear Answers of a Model…`: removes what is kept of one model, after a question.
import type { CachedModel } from '../../../protocol/src/generation.ts';
import { amountText } from '../cacheViewText.ts';
import { CachedModelItem } from '../cacheView.ts';
import type { Command } from './command.ts';
import { clearAnswers, confirmClearing, tellCleared } from './clearingCache.ts';
import { choose } from './dialogs.ts';

/** `executeCommand('prm.clearCachedModel', { model })`: as `prm.clearCache`. */
export const clearCachedModel: Command<'prm.clearCachedModel'> = {
  id: 'prm.clearCachedModel',
  async ask({ cache }, _clicked, item) {
    const { models } = await cache.refresh();
    const wanted = item instanceof CachedModelItem ? item.model : await askModel(models);
    if (wanted === undefined) return undefined;
    const chosen = models.filter(({ model }) => model === wanted);
    return (await confirmClearing(chosen)) ? { model: wanted } : undefined;
  },
  run: clearAnswers,
  tell: tellCleared,
};

async function askModel(models: readonly CachedModel[]): Promise<string | undefined> {
  if (models.length === 0) {
    await tellCleared({ removed: 0 });
    return undefined;
  }
  return choose(
    'PRM: Clear Answers of a Model',
    models.map((cached) => ({ label: cached.model, description: amountText(cached), value: cached.model })),
    'Whose answers to remove',
  );
}
