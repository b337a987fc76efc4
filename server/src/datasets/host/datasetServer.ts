// The dataset process's side of the border to the language server: requests in, answers and news out.
import type { CancellationToken, MessageConnection } from 'vscode-jsonrpc/node';
import type { NotificationName, RequestName } from '../../../../protocol/src/requests.ts';
import { DatasetHost } from './datasetHost.ts';
import { asAnswer } from './hostErrors.ts';
import {
  HOST_CHANGED,
  HOST_DROP_VIEW,
  HOST_EXPORT,
  HOST_OPEN,
  HOST_PATH,
  HOST_PROGRESS,
  HOST_QUERY,
  HOST_ROWS,
  HOST_ROW_TEXT,
  HOST_STARTED,
  HOST_STOP_VIEW,
  HOST_SUMMARY,
  HOST_TRACE,
  HOST_VIEW,
} from './hostMessages.ts';

/** A scan that reports nothing for so long is given up, milliseconds. */
const SCAN_SILENCE = 60_000;

/**
 * Answers requests on a connection until it closes.
 * @param scanFile bundle of datasetScan.ts
 */
export function serveDataset(connection: MessageConnection, scanFile: string): void {
  const host = new DatasetHost(
    { scanFile, silence: SCAN_SILENCE },
    {
      onChange: (change) => notify(HOST_CHANGED, change),
      onView: (view) => notify(HOST_VIEW, view),
    },
  );

  function notify<Params>({ method }: NotificationName<Params>, params: Params): void {
    // A connection whose other end is gone: the process is about to end.
    connection.sendNotification(method, params).catch(() => undefined);
  }

  function answer<Params, Result>(
    { method }: RequestName<Params, Result>,
    work: (params: Params, signal: AbortSignal) => Promise<Result> | Result,
  ): void {
    connection.onRequest(method, async (params: Params, token: CancellationToken) => {
      try {
        return await work(params, signalOf(token));
      } catch (error) {
        return asAnswer(error);
      }
    });
  }

  const report = (job: string) => (share: number) => notify(HOST_PROGRESS, { job, share });

  answer(HOST_OPEN, ({ path }) => host.open(path));
  answer(HOST_ROWS, (request, signal) => host.rows(request, signal));
  answer(HOST_TRACE, (request, signal) => host.trace(request, signal));
  answer(HOST_ROW_TEXT, (request, signal) => host.rowText(request, signal));
  answer(HOST_PATH, (request, signal) => host.path(request, signal));
  answer(HOST_SUMMARY, ({ job }, signal) => host.summary(signal, report(job)));
  answer(HOST_QUERY, (request) => host.query(request));
  answer(HOST_STOP_VIEW, (request) => host.stopView(request));
  answer(HOST_DROP_VIEW, (request) => host.dropView(request));
  answer(HOST_EXPORT, (request, signal) => host.export(request, signal, report(request.job)));

  connection.listen();
  notify(HOST_STARTED, {});
}

function signalOf(token: CancellationToken): AbortSignal {
  const controller = new AbortController();
  if (token.isCancellationRequested) controller.abort();
  token.onCancellationRequested(() => controller.abort());
  return controller.signal;
}
