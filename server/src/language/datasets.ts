// The requests of the dataset editor (protocol/src/datasets.ts): each open dataset is a process of its own that reads
// the file; the server checks, forwards, and passes the news on.
import { DATASET_SUMMARY } from '../../../protocol/src/datasetSummary.ts';
import {
  CLOSE_DATASET,
  DATASET_CHANGED,
  DATASET_ROWS,
  DATASET_ROW_TEXT,
  DATASET_TRACE,
  DROP_VIEW,
  EXPORT_VIEW,
  OPEN_DATASET,
  QUERY_DATASET,
  SCORE_ROW,
  STOP_VIEW,
  VIEW_CHANGED,
  type DatasetInfo,
  type RowScores,
} from '../../../protocol/src/datasets.ts';
import type { WithProgress } from '../../../protocol/src/requests.ts';
import { DatasetChild } from '../datasets/host/datasetChild.ts';
import { DatasetClient, type DatasetListener } from '../datasets/host/datasetClient.ts';
import type { RowPath } from '../datasets/host/hostMessages.ts';
import { SpareProcess } from '../datasets/host/spareProcess.ts';
import { PrmError } from '../support/errors.ts';
import {
  datasetParams,
  exportParams,
  openParams,
  queryParams,
  rowsParams,
  rowTextParams,
  scoreRowParams,
  summaryParams,
  traceParams,
  viewParams,
} from './datasetSchemas.ts';
import { requireTrust } from './failures.ts';
import type { ModelHost } from './modelHost.ts';
import type { Workplace } from './workplace.ts';

/** Reading needs no trust: nothing of a file is executed, and its text stays text. Scoring does, since a model is loaded. */
export class Datasets {
  readonly #workplace: Workplace;
  readonly #open = new Map<string, DatasetClient>();
  readonly #spare: SpareProcess;
  #names = 0;

  constructor(workplace: Workplace) {
    this.#workplace = workplace;
    this.#spare = new SpareProcess(
      () => new DatasetChild(workplace.bundles.datasetProcess, (line) => workplace.log(`[dataset] ${line}`)),
    );
  }

  /** Starts the process for the next dataset, so that opening does not wait for it. */
  prepare(): void {
    this.#spare.prepare();
  }

  /** @throws PrmError where the file cannot be read */
  async open(given: string, signal: AbortSignal): Promise<DatasetInfo> {
    const dataset = `dataset${++this.#names}`;
    const file = this.#workplace.resolvePath(given);
    const { client, info } = await DatasetClient.open(
      file,
      () => this.#spare.take(),
      this.#listener(dataset),
      signal,
    );
    this.#open.set(dataset, client);
    return { dataset, ...info };
  }

  /** @throws PrmError where the dataset is closed, or was open in an earlier server */
  get(dataset: string): DatasetClient {
    const client = this.#open.get(dataset);
    if (client !== undefined) return client;
    throw new PrmError({ what: 'This dataset is not open any more', remedy: 'Reload it.' });
  }

  async close(dataset: string): Promise<void> {
    const client = this.#open.get(dataset);
    this.#open.delete(dataset);
    await client?.close();
  }

  async dispose(): Promise<void> {
    await Promise.all([this.#spare.dispose(), ...[...this.#open.keys()].map((name) => this.close(name))]);
  }

  #listener(dataset: string): DatasetListener {
    return {
      onChange: (change) =>
        this.#workplace.notify(DATASET_CHANGED, {
          dataset,
          change: 'info' in change ? { ...change, info: { dataset, ...change.info } } : change,
        }),
      onView: (view) => this.#workplace.notify(VIEW_CHANGED, { dataset, ...view }),
    };
  }
}

export function serveDatasets(workplace: Workplace, datasets: Datasets, host: ModelHost): void {
  workplace.onRequest(OPEN_DATASET, openParams, (params, signal) => datasets.open(params.path, signal));

  workplace.onRequest(CLOSE_DATASET, datasetParams, async ({ dataset }) => {
    await datasets.close(dataset);
    return null;
  });

  workplace.onRequest(DATASET_ROWS, rowsParams, ({ dataset, ...request }, signal) =>
    datasets.get(dataset).rows(request, signal),
  );

  workplace.onRequest(DATASET_TRACE, traceParams, ({ dataset, ...request }, signal) =>
    datasets.get(dataset).trace(request, signal),
  );

  workplace.onRequest(DATASET_ROW_TEXT, rowTextParams, async ({ dataset, ...request }, signal) => ({
    text: await datasets.get(dataset).rowText(request, signal),
  }));

  workplace.onRequest(SCORE_ROW, scoreRowParams, async ({ dataset, ...request }, signal) => {
    requireTrust(workplace.trusted, 'Scoring');
    const path = await datasets.get(dataset).rowPath(request, signal);
    return scorePath(path, workplace, host, signal);
  });

  workplace.onRequest(DATASET_SUMMARY, summaryParams, ({ dataset, ...params }, signal) =>
    withProgress(workplace, 'Summary', params, (report) => datasets.get(dataset).summary(signal, report)),
  );

  workplace.onRequest(QUERY_DATASET, queryParams, async ({ dataset, query }) => ({
    view: await datasets.get(dataset).query(query),
  }));

  workplace.onRequest(STOP_VIEW, viewParams, async ({ dataset, view }) => {
    await datasets.get(dataset).stopView(view);
    return null;
  });

  workplace.onRequest(DROP_VIEW, viewParams, async ({ dataset, view }) => {
    await datasets.get(dataset).dropView(view);
    return null;
  });

  workplace.onRequest(EXPORT_VIEW, exportParams, ({ dataset, workDoneToken, ...request }, signal) =>
    withProgress(workplace, 'Export', workDoneToken === undefined ? {} : { workDoneToken }, (report) =>
      datasets
        .get(dataset)
        .exportView({ ...request, file: workplace.resolvePath(request.file) }, signal, report),
    ),
  );
}

/** An empty step is no step for a model: it keeps its place, without a score. */
async function scorePath(
  { problem, steps }: RowPath,
  workplace: Workplace,
  host: ModelHost,
  signal: AbortSignal,
): Promise<RowScores> {
  const filled = steps.map((step, index) => ({ step, index })).filter(({ step }) => step.trim() !== '');
  if (filled.length === 0) throw new PrmError({ what: 'This row has no steps with text to score' });
  const { result, model } = await host.score({ problem, steps: filled.map(({ step }) => step) }, signal);
  const scores = new Array<number | null>(steps.length).fill(null);
  for (const [place, { index }] of filled.entries()) scores[index] = result.scores[place] ?? null;
  return {
    scores,
    threshold: workplace.settings['score.threshold'] ?? model.threshold,
    model: model.name,
    device: model.device,
    milliseconds: result.milliseconds,
  };
}

/** LSP work-done progress in per cent; none where the client gave no token. */
async function withProgress<T>(
  { connection }: Workplace,
  title: string,
  { workDoneToken }: WithProgress,
  work: (report: (share: number) => void) => Promise<T>,
): Promise<T> {
  if (workDoneToken === undefined) return work(() => undefined);
  const reporter = connection.window.attachWorkDoneProgress(workDoneToken);
  reporter.begin(title, 0, undefined, true);
  try {
    return await work((share) => {
      const percentage = Math.floor(100 * Math.min(1, Math.max(0, share)));
      reporter.report(percentage, `${percentage} %`);
    });
  } finally {
    reporter.done();
  }
}
