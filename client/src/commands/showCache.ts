// `PRM: Show Answer Cache`: what is kept of model servers' answers.
import type { Command } from './command.ts';

/** `executeCommand('prm.showCache')` brings the view to the front. */
export const showCache: Command<'prm.showCache'> = {
  id: 'prm.showCache',
  ask: () => Promise.resolve({}),
  async run(_given, { cache }) {
    await cache.focus();
    return undefined;
  },
};
