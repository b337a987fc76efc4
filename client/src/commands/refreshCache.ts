// `PRM: Refresh Answer Cache`: a terminal or another window may have added answers, or removed some.
import type { Command } from './command.ts';

/** `executeCommand('prm.refreshCache', {})`: resolves with `CacheContents` (protocol/src/generation.ts). */
export const refreshCache: Command<'prm.refreshCache'> = {
  id: 'prm.refreshCache',
  ask: () => Promise.resolve({}),
  run: (_given, { cache }) => cache.refresh(),
  showsFailures: ({ cache }) => cache.visible,
};
