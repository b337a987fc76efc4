// `PRM: Show Output`: the extension's log.
import type { Command } from './command.ts';

/** `executeCommand('prm.showOutput')` opens the output channel; there is nothing to give, nothing comes back. */
export const showOutput: Command<'prm.showOutput'> = {
  id: 'prm.showOutput',
  ask: () => Promise.resolve({}),
  run(_given, { server }) {
    server.output.show(true);
    return Promise.resolve(undefined);
  },
};
