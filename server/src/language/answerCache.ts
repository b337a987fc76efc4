// `prm/listCache`, `prm/verifyCache`, `prm/clearCache`: the answers that were paid for, as `prm cache` looks after them.
import { z } from 'zod';
import {
  CLEAR_CACHE,
  LIST_CACHE,
  VERIFY_CACHE,
  type CacheCheck,
  type CacheContents,
  type ClearCacheParams,
  type ClearedCache,
} from '../../../protocol/src/generation.ts';
import type { WithProgress } from '../../../protocol/src/requests.ts';
import { requireTrust } from './failures.ts';
import { runCli } from './runCli.ts';
import type { Workplace } from './workplace.ts';

const workDoneToken = z.union([z.string(), z.number()]).exactOptional();
const progressParams: z.ZodType<WithProgress> = z.object({ workDoneToken });
const clearParams: z.ZodType<ClearCacheParams> = z.object({
  model: z.string().min(1).exactOptional(),
  workDoneToken,
});

const count = z.int().nonnegative();

/** As `prm cache list --json` prints it. */
const contentsSchema: z.ZodType<CacheContents> = z.object({
  folder: z.string(),
  models: z.array(z.object({ model: z.string(), entries: count, bytes: count, newest: z.string() })),
});
const checkSchema: z.ZodType<CacheCheck> = z.object({ entries: count, bytes: count, removed: count });
const clearedSchema: z.ZodType<ClearedCache> = z.object({ removed: count });

/** Each in a process of its own, with the folder that `prm` takes in a terminal: a large cache keeps nobody waiting here. */
export function serveAnswerCache(workplace: Workplace): void {
  workplace.onRequest(LIST_CACHE, z.object({}), (_params, signal) =>
    runCli(workplace, ['cache', 'list'], contentsSchema, { signal }),
  );

  workplace.onRequest(VERIFY_CACHE, progressParams, (_params, signal) => {
    requireTrust(workplace.trusted, 'Verifying the answer cache');
    return runCli(workplace, ['cache', 'verify'], checkSchema, { signal });
  });

  workplace.onRequest(CLEAR_CACHE, clearParams, ({ model }, signal) => {
    requireTrust(workplace.trusted, 'Clearing the answer cache');
    const whose = model === undefined ? '--all' : `--model=${model}`;
    return runCli(workplace, ['cache', 'clear', whose], clearedSchema, { signal });
  });
}
