// `PRM: Restart Server`: a fresh language server and scoring engine.
import type { Command } from './command.ts';

/**
 * `executeCommand('prm.restartServer')` resolves when the new server answers. Scores shown in documents are
 * forgotten; training runs go on and are followed again.
 */
export const restartServer: Command<'prm.restartServer'> = {
  id: 'prm.restartServer',
  ask: () => Promise.resolve({}),
  async run(_given, { server }) {
    await server.restart();
    return undefined;
  },
};
