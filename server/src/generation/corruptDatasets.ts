// `prm generate corrupt`: correct solutions of datasets of any layout, each with several single errors, as one labelled dataset.
import { stat } from 'node:fs/promises';
import path from 'node:path';
import { OutputFile } from '../datasets/export/outputFile.ts';
import { openInput, InputRows, type OpenInput } from '../datasets/format/formatInput.ts';
import { Passes } from '../datasets/format/passes.ts';
import { PrmError, throwIfCancelled } from '../support/errors.ts';
import { BlockCollector } from './blockCollector.ts';
import { STRATEGY_NAMES } from './corruption/strategies/index.ts';
import { CorruptionReport, type CorruptionSummary } from './corruptionReport.ts';
import { corruptOptionsSchema, type CompleteCorruptOptions, type CorruptOptions } from './corruptOptions.ts';
import { CorruptThreads, threadsHere, type ThreadChoice } from './corruptThreads.ts';
import { PathWriter } from './pathWriter.ts';
import { readOptions } from './readOptions.ts';
import type { BlockWish } from './solutionBlock.ts';
import { writeInfo } from './writeInfo.ts';
import { refuseExisting } from './writeLines.ts';

const CORRUPTED_FILE = 'corrupted.jsonl';

interface CorruptHooks {
  signal?: AbortSignal | undefined;
  environment?: NodeJS.ProcessEnv | undefined;
  onProgress?: ((progress: { done: number; total: number | undefined }) => void) | undefined;
  onDownload?: ((done: number, total: number) => void) | undefined;
  /** Default: what suits the machine. The file is the same whatever their number. */
  threads?: ThreadChoice | undefined;
}

/**
 * Writes `corrupted.jsonl` (TRL's stepwise layout, with what was done in further columns) and `generation_info.json`; each takes its
 * place only when it is whole.
 * @throws PrmError where a dataset or the folder cannot be used, or no solution gives an error; CancelledError
 */
export async function corruptDatasets(
  given: CorruptOptions,
  hooks: CorruptHooks = {},
): Promise<CorruptionSummary> {
  const options = readOptions(corruptOptionsSchema, given);
  const { signal, environment = process.env, onDownload, onProgress } = hooks;
  const file = path.join(options.outputDir, CORRUPTED_FILE);
  await refuseExisting(file, options.overwrite);
  const started = performance.now();
  const { seed, strategies, numIncorrectPerProblem: count, consistentShare, afterError, correct } = options;
  const wish: BlockWish = { seed, strategies, count, consistentShare, afterError, correct };
  const inputs: OpenInput[] = [];
  const threads = await startThreads(options, wish, hooks);
  try {
    for (const dataset of options.datasets) {
      inputs.push(await openInput({ dataset, layout: options.layout }, { signal, environment, onDownload }));
    }
    const report = new CorruptionReport(strategies);
    const output = await OutputFile.create(file);
    try {
      const writer = new PathWriter(output, report, wish, options.maxExamples ?? Infinity, threads);
      await fill(writer, inputs, wish, hooks);
      throwIfCancelled(signal);
      if (report.gaveNone) throw nothingMade(options, report);
      // Another run into the same folder may have ended meanwhile.
      await refuseExisting(file, options.overwrite);
      await output.finish();
    } catch (error) {
      await output.abandon();
      throw error;
    }
    const summary = report.summary({
      datasets: inputs.map(({ choice, layout }) => ({ dataset: choice.dataset, layout: layout.name })),
      file,
      bytes: output.bytes,
      seed,
      consistentShare,
      afterError,
      seconds: (performance.now() - started) / 1000,
    });
    await writeInfo(options.outputDir, 'prm generate corrupt', summary);
    onProgress?.({ done: 100, total: 100 });
    return summary;
  } finally {
    await threads?.close();
    for (const { source } of inputs) await source.close();
  }
}

/** Files and paths of less give no work for another thread: they are made before it runs. */
const [WORTH_BYTES, WORTH_PATHS] = [1 << 20, 5000];
/** From here on there is much to do. */
const [MUCH_BYTES, MANY_PATHS] = [16 << 20, 200_000];

/** Before the datasets are opened: a thread takes as long to start. What is not a file yet is not small either. */
async function startThreads(
  { datasets, maxExamples = Infinity }: CompleteCorruptOptions,
  wish: BlockWish,
  { signal, threads }: CorruptHooks,
): Promise<CorruptThreads | undefined> {
  const files = await Promise.all(datasets.map((dataset) => stat(dataset).catch(() => undefined)));
  const bytes = files.reduce((sum, file) => sum + (file?.isFile() === true ? file.size : WORTH_BYTES), 0);
  const choice = threads ?? threadsHere(bytes >= MUCH_BYTES && maxExamples >= MANY_PATHS);
  if (choice.count === 0 || bytes < WORTH_BYTES || maxExamples < WORTH_PATHS) return undefined;
  return new CorruptThreads(choice, wish, signal);
}

async function fill(
  writer: PathWriter,
  inputs: readonly OpenInput[],
  wish: BlockWish,
  { signal, onProgress }: CorruptHooks,
): Promise<void> {
  const passes = new Passes(
    inputs.map(({ source }) => source),
    // One pass, where `Passes` counts on two.
    (share) => onProgress?.({ done: Math.min(100, 200 * share), total: 100 }),
  );
  for (const [index, input] of inputs.entries()) {
    passes.begin(input.source);
    // An empty line is no step: nothing in it is right or wrong.
    const reader = new InputRows(input, { completions: 'auto', emptySteps: 'drop' });
    await settleReading(reader, signal);
    const rows = reader.rows({ signal }, (share) => {
      passes.report(share);
    });
    const collector = new BlockCollector(input, index, wish);
    for await (const batch of rows.batches()) {
      for (const row of batch) {
        const block = collector.add(row);
        if (block === undefined) continue;
        throwIfCancelled(signal);
        await writer.add(block);
        if (writer.isFull) return writer.finish();
      }
    }
    await writer.add(collector.take());
  }
  await writer.finish();
}

/** Whether TRL's `completions` are steps or attempts is known once all were seen; other layouts need no such pass. */
async function settleReading(reader: InputRows, signal: AbortSignal | undefined): Promise<void> {
  if (reader.evidence === undefined) return;
  // Each row votes when it is read.
  for await (const batch of reader.rows({ signal }, () => undefined).batches()) Array.from(batch);
  reader.settleReading();
}

function nothingMade({ datasets, strategies }: CompleteCorruptOptions, report: CorruptionReport): PrmError {
  const reasons = report.reasons();
  return new PrmError({
    where: datasets.join(', '),
    what: `no solution could be corrupted${reasons === '' ? '' : `: ${reasons}`}`,
    remedy:
      strategies.length < STRATEGY_NAMES.length
        ? 'Allow more --strategies, or give a dataset of correct worked solutions (GSM8K’s layout, or all steps labelled correct).'
        : 'Give a dataset of correct worked solutions: GSM8K’s layout, or all steps labelled correct.',
  });
}
