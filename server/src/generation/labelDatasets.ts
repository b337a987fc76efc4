// `prm label`: labels for the steps of solutions that have none, by what their answers, their equations or models say.
import path from 'node:path';
import type { LabelCost } from '../../../protocol/src/generation.ts';
import type { SkippedRows } from '../datasets/format/formatReport.ts';
import { SkippedCounter } from '../datasets/format/skippedCounter.ts';
import type { Label } from '../datasets/trace.ts';
import { PrmError } from '../support/errors.ts';
import { LABEL_METHODS } from './labelling/index.ts';
import type { Labelling, LabelMethod, UnlabelledSolution } from './labelling/labelMethod.ts';
import { labelOptionsSchema, type CompleteLabelOptions, type LabelOptions } from './labelOptions.ts';
import { ModelAsker } from './modelAsker.ts';
import { inParallel } from './parallel.ts';
import { cacheFolder } from './sampling/cacheFolder.ts';
import type { SamplerCounts } from './sampling/sampler.ts';
import { SourceRows, type SourceHooks } from './sourceRows.ts';
import { writeInfo } from './writeInfo.ts';
import { refuseExisting, writeLines } from './writeLines.ts';

const LABELLED_FILE = 'labelled.jsonl';
const INFO_FILE = 'generation_info.json';

export interface LabelHooks extends SourceHooks {
  onProgress?:
    ((progress: { done: number; total: number; counts: SamplerCounts | undefined }) => void) | undefined;
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
  without: { reason: string; solutions: number }[];
  skipped: SkippedRows[];
  counts: SamplerCounts | undefined;
  cache: string | undefined;
  seconds: number;
}

interface Source extends UnlabelledSolution {
  dataset: string;
  row: number;
}

/**
 * Writes `labelled.jsonl` (TRL's stepwise layout) and `generation_info.json`.
 * @throws PrmError where a dataset, a server or the folder cannot be used, or an option is missing; CancelledError. What was paid
 * for is kept.
 */
export async function labelDatasets(given: LabelOptions, hooks: LabelHooks = {}): Promise<LabelSummary> {
  const options = labelOptionsSchema.parse(given);
  const { environment = process.env, signal } = hooks;
  const started = performance.now();
  const method = methodOf(options);
  const file = path.join(options.outputDir, LABELLED_FILE);
  if (!options.dryRun) await refuseExisting(file, options.overwrite);
  const { solutions, skipped } = await readSolutions(options, hooks);
  const cost = costOf(solutions, method, options);
  hooks.onCost?.(cost);
  const asker = method.needsServer ? new ModelAsker(options, environment, hooks.firstPause) : undefined;
  asker?.sampler.expect(cost.requests);
  const labelled = new Map<Source, Labelling>();
  if (!options.dryRun) {
    const work = inParallel(solutions, options.concurrency, signal, async (solution, all) => {
      const nobody = { ask: () => Promise.reject(new Error('This method asks nobody.')) };
      labelled.set(solution, await method.label(solution, options, asker?.bound(all) ?? nobody));
      hooks.onProgress?.({ done: labelled.size, total: solutions.length, counts: asker?.sampler.counts });
    });
    await (asker === undefined ? work : asker.sampler.guard(work, signal));
  }
  const writer = new LabelWriter(options);
  for (const solution of solutions) writer.add(solution, labelled.get(solution));
  const summary: LabelSummary = {
    by: method.name,
    cost,
    file: options.dryRun ? undefined : file,
    bytes: options.dryRun ? 0 : await writer.write(file),
    solutions: solutions.length,
    labelled: writer.labelled,
    labels: writer.labels,
    without: writer.without,
    skipped,
    counts: asker?.sampler.counts,
    cache: asker === undefined ? undefined : cacheFolder(options.cacheDir, environment),
    seconds: (performance.now() - started) / 1000,
  };
  if (!options.dryRun) await writeInfo(path.join(options.outputDir, INFO_FILE), 'prm label', summary);
  return summary;
}

function methodOf({ by, server, model, judgeServer, judgeModel }: CompleteLabelOptions): LabelMethod {
  const method = LABEL_METHODS.find(({ name }) => name === by);
  if (method === undefined) throw new RangeError(`There is no method ${by}.`);
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
  return method;
}

async function readSolutions(
  { datasets, layout, maxExamples = Infinity, by }: CompleteLabelOptions,
  hooks: LabelHooks,
): Promise<{ solutions: Source[]; skipped: SkippedRows[] }> {
  const needsAnswer = LABEL_METHODS.find(({ name }) => name === by)?.needsAnswer === true;
  const solutions: Source[] = [];
  const skipped = new SkippedCounter();
  const source = await SourceRows.open({ datasets, layout }, hooks);
  try {
    for await (const { row, number, dataset } of source.rows(skipped)) {
      if (needsAnswer && row.answer === undefined) skipped.add(number, { reason: 'no reference answer' });
      else {
        for (const { problem, steps } of row.traces.slice(0, 1)) {
          const texts = steps.map(({ text }) => text);
          solutions.push({ problem, steps: texts, answer: row.answer, dataset, row: number });
        }
      }
      if (solutions.length >= maxExamples) break;
    }
  } finally {
    await source.close();
  }
  if (solutions.length > 0) return { solutions, skipped: skipped.counts };
  const reasons = skipped.counts.map(({ reason, count }) => `${count} × ${reason}`).join('; ');
  throw new PrmError({
    where: datasets.join(', '),
    what: `there is no solution to label${reasons === '' ? '' : `: ${reasons}`}`,
    remedy: needsAnswer
      ? 'Give solutions with an `answer`, as prm generate sample writes them, or label by arithmetic or judge.'
      : 'Give a dataset of solutions in steps.',
  });
}

function costOf(solutions: readonly Source[], method: LabelMethod, options: CompleteLabelOptions): LabelCost {
  const requests = solutions.reduce((sum, { steps }) => sum + method.cost(steps.length, options), 0);
  return { solutions: solutions.length, requests, completionTokens: requests * options.maxTokens };
}

/** Collects the rows of `labelled.jsonl`, and counts. */
class LabelWriter {
  labelled = 0;
  readonly labels: Record<Label, number> = { correct: 0, incorrect: 0, neutral: 0, unlabelled: 0 };
  readonly without: { reason: string; solutions: number }[] = [];
  readonly #options: CompleteLabelOptions;
  readonly #lines: string[] = [];

  constructor(options: CompleteLabelOptions) {
    this.#options = options;
  }

  add({ problem, steps, answer, dataset, row }: Source, labelling: Labelling | undefined): void {
    if (labelling === undefined) return;
    if ('without' in labelling) {
      const found = this.without.find(({ reason }) => reason === labelling.without);
      if (found === undefined) this.without.push({ reason: labelling.without, solutions: 1 });
      else found.solutions++;
      return;
    }
    const { labels, estimates } = labelling;
    this.labelled++;
    for (const label of labels) this.labels[label]++;
    const wrong = labels.indexOf('incorrect');
    const line = {
      prompt: problem,
      completions: steps,
      labels: labels.map((label, step) => this.#written(label, estimates?.[step])),
      ...(estimates === undefined ? {} : { estimates: steps.map((_, step) => estimates[step] ?? null) }),
      first_error: wrong === -1 ? null : wrong,
      labelled_by: this.#options.by,
      answer: answer ?? null,
      source: dataset,
      source_row: row,
    };
    this.#lines.push(`${JSON.stringify(line)}\n`);
  }

  write(file: string): Promise<number> {
    return writeLines(file, async (add) => {
      for (const line of this.#lines) await add(line);
    });
  }

  #written(label: Label, estimate: number | undefined): boolean | number | null {
    if (this.#options.soft && estimate !== undefined) return estimate;
    return label === 'correct' ? true : label === 'incorrect' ? false : null;
  }
}
