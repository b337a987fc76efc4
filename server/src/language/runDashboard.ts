// `prm/listRuns`, `prm/runChart` and `prm/runReport`: the workspace's runs, living and ended, for the dashboard.
import { z } from 'zod';
import {
  LIST_RUNS,
  RUN_CHART,
  RUN_REPORT,
  type ListRunsParams,
  type RunChartParams,
  type RunSummary,
} from '../../../protocol/src/dashboard.ts';
import { isRunFolder } from '../training/runContents.ts';
import { readReport } from '../training/runReports.ts';
import type { RunBook } from './runBook.ts';
import { runFolders } from './runWatch.ts';
import type { Workplace } from './workplace.ts';

/** No answer waits longer for a run whose events take long to read: the next one has more. Milliseconds. */
const PATIENCE = 300;
/** Runs that are looked at together: each holds a file open. */
const TOGETHER = 32;

const listParams: z.ZodType<ListRunsParams> = z.object({ elsewhere: z.array(z.string()).exactOptional() });
const step = z.int().nonnegative();
const chartParams: z.ZodType<RunChartParams> = z.object({
  folder: z.string(),
  points: z.int().min(2).max(10_000),
  range: z.object({ from: step, to: step }).exactOptional(),
});
const reportParams = z.object({ folder: z.string(), step: step.exactOptional() });

/** Reads only what run folders hold, so it needs no trust: nothing is executed or loaded. */
export function serveRunDashboard(workplace: Workplace, book: RunBook): void {
  workplace.onRequest(LIST_RUNS, listParams, async ({ elsewhere = [] }) => {
    const others: string[] = [];
    for (const folder of elsewhere) if (book.has(folder) || (await isRunFolder(folder))) others.push(folder);
    const folders = [...new Set([...(await runFolders(workplace.folders)), ...others])];
    const runs: (RunSummary | undefined)[] = [];
    for (let first = 0; first < folders.length; first += TOGETHER) {
      const some = folders.slice(first, first + TOGETHER);
      runs.push(...(await Promise.all(some.map((folder) => summaryOf(folder, book, workplace)))));
    }
    book.makeRoom();
    return runs.filter((run) => run !== undefined).sort((a, b) => newestEvent(b) - newestEvent(a));
  });

  workplace.onRequest(RUN_CHART, chartParams, ({ folder, points, range }) =>
    book.chart(folder, points, range, PATIENCE),
  );

  workplace.onRequest(RUN_REPORT, reportParams, async ({ folder, step: wanted }) => {
    const follower = book.of(folder);
    await follower.look();
    return readReport(folder, follower.reports(wanted));
  });
}

/** Undefined where the folder holds no event. A run that cannot be read does not hide the others. */
async function summaryOf(
  folder: string,
  book: RunBook,
  workplace: Workplace,
): Promise<RunSummary | undefined> {
  const follower = book.of(folder);
  try {
    const { run } = await follower.look(PATIENCE);
    return follower.isRun ? run : undefined;
  } catch (error) {
    workplace.log(`The run ${folder} could not be read: ${String(error)}`);
    return undefined;
  }
}

function newestEvent({ updatedAt }: RunSummary): number {
  return updatedAt === null ? 0 : Date.parse(updatedAt);
}
