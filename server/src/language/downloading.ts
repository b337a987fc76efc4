// `prm/listHubDataset`, `prm/downloadDataset`: a dataset of the Hub into the cache that all Hugging Face tools share.
import { z } from 'zod';
import { DOWNLOAD_DATASET, LIST_HUB_DATASET, type DownloadDatasetParams } from '../../../protocol/src/hub.ts';
import { readHubId, type HubId } from '../datasets/hub/hubId.ts';
import { PrmError } from '../support/errors.ts';
import { requireTrust } from './failures.ts';
import type { Workplace } from './workplace.ts';

/** At most one progress report in this time, milliseconds. */
const REPORT_INTERVAL = 100;

const downloadParams: z.ZodType<DownloadDatasetParams> = z.object({
  dataset: z.string().min(1),
  workDoneToken: z.union([z.string(), z.number()]).exactOptional(),
});

export function serveDownloads(workplace: Workplace): void {
  workplace.onRequest(LIST_HUB_DATASET, z.object({ dataset: z.string() }), async ({ dataset }, signal) => {
    requireTrust(workplace.trusted, 'Downloading');
    const wanted = hubIdOf(dataset);
    const { hubParts } = await import('../datasets/hub/hubDataset.ts');
    return hubParts(wanted, { signal, environment: process.env });
  });

  workplace.onRequest(DOWNLOAD_DATASET, downloadParams, async ({ dataset, workDoneToken }, signal) => {
    requireTrust(workplace.trusted, 'Downloading');
    const wanted = hubIdOf(dataset);
    // The Hub's client is only wanted here.
    const { hubFiles } = await import('../datasets/hub/hubDataset.ts');
    const reporter =
      workDoneToken === undefined
        ? undefined
        : workplace.connection.window.attachWorkDoneProgress(workDoneToken);
    reporter?.begin('Downloading', 0, 'asking the Hub', true);
    const started = performance.now();
    let reported = -Infinity;
    try {
      return await hubFiles(wanted, {
        signal,
        environment: process.env,
        onBytes: (done, total) => {
          const now = performance.now();
          if (now - reported < REPORT_INTERVAL || total === 0) return;
          reported = now;
          reporter?.report(Math.floor((100 * done) / total), rateText(done, total, now - started));
        },
      });
    } finally {
      reporter?.done();
    }
  });
}

function hubIdOf(dataset: string): HubId {
  const wanted = readHubId(dataset.trim());
  if (wanted !== undefined) return wanted;
  throw new PrmError({
    where: dataset,
    what: 'this is no dataset id of the Hugging Face Hub',
    remedy: 'Give it as owner/name, with @revision and :config/split behind it where they matter.',
  });
}

/** "12.3 of 45.6 MB, 3.2 MB/s" */
function rateText(done: number, total: number, milliseconds: number): string {
  const megabytes = (bytes: number): string => (bytes / 1e6).toFixed(1);
  const rate = milliseconds > 500 ? `, ${megabytes((1000 * done) / milliseconds)} MB/s` : '';
  return `${megabytes(done)} of ${megabytes(total)} MB${rate}`;
}
