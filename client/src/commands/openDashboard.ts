// `PRM: Open Training Dashboard`: the workspace's runs, living and ended.
import type { Command } from './command.ts';

/** `executeCommand('prm.openDashboard')` opens the panel or brings it to the front. */
export const openDashboard: Command<'prm.openDashboard'> = {
  id: 'prm.openDashboard',
  ask: () => Promise.resolve({}),
  run(_given, { dashboard }) {
    dashboard.open();
    return Promise.resolve(undefined);
  },
};
