// A request to the server with its progress as a notification that can be cancelled.
import { randomUUID } from 'node:crypto';
import * as vscode from 'vscode';
import type { RequestName, WithProgress } from '../../protocol/src/requests.ts';
import { withoutLinks } from './failures.ts';
import type { Server, WorkDone } from './server.ts';

export interface ProgressChoices {
  title: string;
  /** Work that is done earlier shows no notification, milliseconds. */
  showAfter: number;
}

/** @throws vscode.CancellationError when the person cancels; otherwise as the request does */
export async function withProgress<Params extends WithProgress, Result>(
  server: Server,
  name: RequestName<Params, Result>,
  params: Params,
  { title, showAfter }: ProgressChoices,
): Promise<Result> {
  const workDoneToken = randomUUID();
  const cancellation = new vscode.CancellationTokenSource();
  let newest: WorkDone | undefined;
  let show: (value: WorkDone) => void = () => undefined;
  const listener = server.onProgress(workDoneToken, (value) => {
    newest = value;
    show(value);
  });
  const work = server.request(name, { ...params, workDoneToken }, cancellation.token);
  const isLong = setTimeout(() => {
    void vscode.window.withProgress(
      { location: vscode.ProgressLocation.Notification, title: withoutLinks(title), cancellable: true },
      (progress, cancelled) => {
        cancelled.onCancellationRequested(() => cancellation.cancel());
        let shown = 0;
        show = (value) => {
          if (value.kind === 'end') return;
          const percentage = value.percentage ?? shown;
          progress.report({
            ...(value.message === undefined ? {} : { message: value.message }),
            ...(percentage > shown ? { increment: percentage - shown } : {}),
          });
          shown = Math.max(shown, percentage);
        };
        if (newest !== undefined) show(newest);
        // The notification closes either way; how the work ended is for the caller.
        return work.then(
          () => undefined,
          () => undefined,
        );
      },
    );
  }, showAfter);
  try {
    return await work;
  } finally {
    clearTimeout(isLong);
    listener.dispose();
    cancellation.dispose();
  }
}
