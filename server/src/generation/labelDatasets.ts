// `prm label`: labels for the steps of solutions that have none, by what their answers, their equations or models say.
import path from 'node:path';
import type { SkippedRows } from '../datasets/format/formatReport.ts';
import type { Label } from '../datasets/trace.ts';
import { PrmError } from '../support/errors.ts';
import { estimateCost, type LabelCost } from './labelCost.ts';
import { LabelledRows, type SolutionsWithout } from './labelledRows.ts';
import { LABEL_METHODS } from './labelling/index.ts';
import type { LabelMethod } from './labelling/labelMethod.ts';
import { labelOptionsSchema, type CompleteLabelOptions, type LabelOptions } from './labelOptions.ts';
import { LabelSource } from './labelSource.ts';
import { ModelAsker, NOBODY } from './modelAsker.ts';
import { inOrder } from './parallel.ts';
import { readOptions } from './readOptions.ts';
import type { SamplerCounts } from './sampling/sampler.ts';
import type { SourceHooks } from './sourceRows.ts';
import { writeInfo } from './writeInfo.ts';
import { refuseExisting, writeLines } from './writeLines.ts';

const LABELLED_FILE = 'labelled.jsonl';

/** How far the labelling is. */
export interface LabelProgress {
  /** Solutions. */
  done: number;
  total: number;
  /** Of methods that ask a model. */
  counts: SamplerCounts | undefined;
}

export interface LabelHooks extends SourceHooks {
  onProgress?: ((progress: LabelProgress) => void) | undefined;
  /** What it may cost, before the first request. */
  onCost?: ((cost: LabelCost) => void) | undefined;
  /** For tests. */
  firstPause?: number;
}

export interface LabelSummary {
  by: string;
  cost: LabelCost;
  /** Undefined where nothing was written: a dry run. */
  file: string | undefined;
  bytes: number;
  solutions: number;
  labelled: number;
  labels: Record<Label, number>;
  /** Solutions that got no labels, by reason. */
  without: SolutionsWithout[];
  skipped: SkippedRows[];
  counts: SamplerCounts | undefined;
  /** Entries of the cache that were damaged and made again. */
  damaged: number;
  cache: string | undefined;
  seconds: number;
}

/**
 * Writes `labelled.jsonl` (see LabelledRows) and `generation_info.json`. Memory holds the solutions at work, not all of them.
 * @throws PrmError where a dataset, a server or the folder cannot be used, or an option is missing; CancelledError. What was paid
 * for is kept.
 */
export async function labelDatasets(given: LabelOptions, hooks: LabelHooks = {}): Promise<LabelSummary> {
  const options = readOptions(labelOptionsSchema, given);
  const { environment = process.env } = hooks;
  const started = performance.now();
  const method = methodOf(options);
  const file = path.join(options.outputDir, LABELLED_FILE);
  if (!options.dryRun) await refuseExisting(file, options.overwrite);
  const asker = method.needsServer ? new ModelAsker(options, environment, hooks.firstPause) : undefined;
  const source = await LabelSource.open(method, options, hooks);
  try {
    const { solutions, answers, skipped } = await source.survey();
    const work: Work = { source, method, options, asker, total: solutions };
    const cost = await estimateCost({ ...work, answers }, hooks.signal);
    hooks.onCost?.(cost);
    const rows = new LabelledRows(options);
    const bytes = options.dryRun ? 0 : await writeLabelled(file, rows, work, cost, hooks);
    const summary: LabelSummary = {
      by: method.name,
      cost,
      file: options.dryRun ? undefined : file,
      bytes,
      solutions,
      labelled: rows.labelled,
      labels: rows.labels,
      without: rows.without,
      skipped,
      counts: asker?.sampler.counts,
      damaged: asker?.cache.damaged ?? 0,
      cache: asker?.folder,
      seconds: (performance.now() - started) / 1000,
    };
    if (!options.dryRun) await writeInfo(options.outputDir, 'prm label', summary);
    return summary;
  } finally {
    await source.close();
  }
}

interface Work {
  source: LabelSource;
  method: LabelMethod;
  options: CompleteLabelOptions;
  asker: ModelAsker | undefined;
  /** Solutions. */
  total: number;
}

/** The second pass. @returns bytes written */
async function writeLabelled(
  file: string,
  rows: LabelledRows,
  { source, method, options, asker, total }: Work,
  cost: LabelCost,
  { signal, onProgress }: LabelHooks,
): Promise<number> {
  let done = 0;
  const report = (): void => {
    onProgress?.({ done, total, counts: asker?.sampler.counts });
  };
  const labelled = inOrder(source.solutions(), options.concurrency, signal, async (solution, all) => {
    const labelling = await method.label(solution, options, asker?.bound(all, report) ?? NOBODY);
    done++;
    report();
    return { solution, labelling };
  });
  const writing = writeLines(file, async (add) => {
    for await (const { solution, labelling } of labelled) {
      const line = rows.lineOf(solution, labelling);
      const diskBehind = line === undefined ? undefined : add(line);
      if (diskBehind !== undefined) await diskBehind;
    }
    if (rows.labelled === 0) throw nothingLabelled(rows, options);
  });
  if (asker === undefined) return writing;
  asker.sampler.expect(cost.requests);
  return asker.sampler.guard(writing, signal);
}

function methodOf(options: CompleteLabelOptions): LabelMethod {
  const { by, server, model, judgeServer, judgeModel, soft } = options;
  const method = LABEL_METHODS[by];
  if (method.needsServer && (server === undefined || model === undefined)) {
    throw new PrmError({
      where: `--by ${by}`,
      what: 'no model is named to ask',
      remedy: 'Give --server and --model, or label by outcome or arithmetic, which need none.',
    });
  }
  if (judgeServer !== undefined && (judgeModel === undefined || judgeModel === model)) {
    throw new PrmError({
      where: '--judge-server',
      what: 'the judge is no model of its own',
      remedy: 'Give --judge-model, another name than --model: answers are kept by the name of their model.',
    });
  }
  if (soft && !method.estimates) {
    throw new PrmError({
      where: '--soft',
      what: `labels by ${by} are verdicts, not shares`,
      remedy: 'Leave it out, or label by rollouts or consensus.',
    });
  }
  return method;
}

/** A file without a row would pass for a result. */
function nothingLabelled({ without }: LabelledRows, { datasets }: CompleteLabelOptions): PrmError {
  const reasons = without.map(({ reason, solutions, firstDetail }) => {
    return `${solutions} × ${reason}${firstDetail === undefined ? '' : ` (${firstDetail})`}`;
  });
  return new PrmError({
    where: datasets.join(', '),
    what: `no solution could be labelled: ${reasons.join('; ')}`,
    remedy: 'Change what the reasons name, or label in another way.',
  });
}
