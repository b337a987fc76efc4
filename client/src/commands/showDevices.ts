// `PRM: Show Devices`: what models can run on here, each tried with a small product.
import * as vscode from 'vscode';
import { LIST_DEVICES, type DeviceTrial } from '../../../protocol/src/requests.ts';
import { withProgress } from '../progress.ts';
import type { Command } from './command.ts';

/** `executeCommand('prm.showDevices', {})`: resolves with a `DeviceList` (protocol/src/requests.ts). */
export const showDevices: Command<'prm.showDevices'> = {
  id: 'prm.showDevices',

  ask: () => Promise.resolve({}),

  run: (_given, { server }) =>
    withProgress(server, LIST_DEVICES, {}, { title: 'PRM: trying devices', showAfter: 300 }),

  async tell({ devices, auto }) {
    const chosen = await vscode.window.showQuickPick(
      devices.map((trial) => asItem(trial, trial.device === auto.device)),
      {
        title: 'PRM: Devices',
        placeHolder: `auto takes ${auto.device}. Choose one to make it the setting prm.device.`,
      },
    );
    if (chosen === undefined) return;
    await vscode.workspace
      .getConfiguration('prm')
      .update('device', chosen.label, vscode.ConfigurationTarget.Global);
  },
};

function asItem(
  { device, works, adapter, gigaflops, reason }: DeviceTrial,
  isAutomatic: boolean,
): vscode.QuickPickItem {
  const rate = gigaflops === undefined ? '' : `, ${gigaflops.toPrecision(3)} GFLOP/s`;
  return {
    label: device,
    description: `${works ? `works${rate}` : 'does not work'}${isAutomatic ? ', taken by auto' : ''}`,
    ...(adapter === undefined && reason === undefined ? {} : { detail: reason ?? adapter ?? '' }),
  };
}
