// `prm/listRuns` and `prm/runChart`: the runs of the workspace, living and ended, for the dashboard.
import { z } from 'zod';
import { LIST_RUNS, RUN_CHART, type RunChartParams } from '../../../protocol/src/dashboard.ts';
import { RunFollower } from './runFollower.ts';
import { runFolders } from './runWatch.ts';
import type { Workplace } from './workplace.ts';

const chartParams: z.ZodType<RunChartParams> = z.object({
  folder: z.string(),
  points: z.int().min(2).max(10_000),
});

/** Reads only what run folders hold, so it needs no trust: nothing is executed or loaded. */
export function serveRunDashboard(workplace: Workplace): void {
  // Kept between requests: each look reads only the lines that were added.
  const followers = new Map<string, RunFollower>();

  workplace.onRequest(LIST_RUNS, z.object({}), async () => {
    const folders = await runFolders(workplace.folders);
    for (const folder of followers.keys()) if (!folders.includes(folder)) followers.delete(folder);
    const runs = [];
    for (const folder of folders) {
      const follower = followers.get(folder) ?? new RunFollower({ folder });
      followers.set(folder, follower);
      const { run } = await follower.look();
      if (follower.lastEvent !== undefined) runs.push({ run, at: Date.parse(follower.lastEvent.time) });
    }
    return runs.sort((a, b) => b.at - a.at).map(({ run }) => run);
  });

  workplace.onRequest(RUN_CHART, chartParams, ({ folder, points }) =>
    Promise.resolve(followers.get(folder)?.chart(points) ?? null),
  );
}
