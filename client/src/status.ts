// The status item: which model scores, on which device, and how it is.
import * as vscode from 'vscode';
import { MODEL_STATUS } from '../../protocol/src/requests.ts';
import type { Server } from './server.ts';
import { describeStatus } from './statusText.ts';

export function showStatus(server: Server): vscode.Disposable {
  const item = vscode.window.createStatusBarItem('prm.model', vscode.StatusBarAlignment.Right, 50);
  item.name = 'PRM Model';
  const listener = server.onNotification(MODEL_STATUS, (status) => {
    const { text, tooltip, label, command, isError } = describeStatus(status);
    item.text = text;
    item.tooltip = tooltip;
    item.accessibilityInformation = { label, role: 'button' };
    item.command = command;
    item.backgroundColor = isError ? new vscode.ThemeColor('statusBarItem.errorBackground') : undefined;
    item.show();
  });
  return vscode.Disposable.from(item, listener);
}
