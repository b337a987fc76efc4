// `prm generate corrupt`: correct solutions of datasets of any layout, each with several single errors, as one labelled dataset.
import path from 'node:path';
import { OutputFile, kindOf } from '../datasets/export/outputFile.ts';
import { TextBuffer } from '../datasets/export/textBuffer.ts';
import { openInput, InputRows, type OpenInput } from '../datasets/format/formatInput.ts';
import { Passes } from '../datasets/format/passes.ts';
import type { LayoutRow } from '../datasets/layouts/layout.ts';
import type { Trace } from '../datasets/trace.ts';
import { PrmError, throwIfCancelled } from '../support/errors.ts';
import { seededRandom } from '../support/random.ts';
import { corruptSolution, type CorruptionWish } from './corruption/corruptSolution.ts';
import { readSolution } from './corruption/solution.ts';
import { STRATEGIES, STRATEGY_NAMES } from './corruption/strategies/index.ts';
import { writeInfo } from './writeInfo.ts';
import { CorruptionReport, type CorruptionSummary } from './corruptionReport.ts';
import { RowWriter } from './corruptedRow.ts';
import { corruptOptionsSchema, type CompleteCorruptOptions, type CorruptOptions } from './corruptOptions.ts';

const CORRUPTED_FILE = 'corrupted.jsonl';
const INFO_FILE = 'generation_info.json';

interface CorruptHooks {
  signal?: AbortSignal | undefined;
  environment?: NodeJS.ProcessEnv | undefined;
  onProgress?: ((progress: { done: number; total: number | undefined }) => void) | undefined;
  onDownload?: ((done: number, total: number) => void) | undefined;
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
  const options = corruptOptionsSchema.parse(given);
  const { signal, environment = process.env, onDownload, onProgress } = hooks;
  const file = path.join(options.outputDir, CORRUPTED_FILE);
  if (!options.overwrite && (await kindOf(file)) === 'file') {
    throw new PrmError({
      where: file,
      what: 'the file exists',
      remedy: 'Give another --output_dir, or --overwrite to replace it.',
    });
  }
  const started = performance.now();
  const inputs: OpenInput[] = [];
  try {
    for (const dataset of options.datasets) {
      inputs.push(await openInput({ dataset, layout: options.layout }, { signal, environment, onDownload }));
    }
    const report = new CorruptionReport(options.strategies);
    const output = await OutputFile.create(file);
    try {
      await fill(output, inputs, options, report, hooks);
      throwIfCancelled(signal);
      if (report.incorrect === 0) throw nothingMade(options, report);
      await output.finish();
    } catch (error) {
      await output.abandon();
      throw error;
    }
    const summary = report.summary({
      datasets: inputs.map(({ choice, layout }) => ({ dataset: choice.dataset, layout: layout.name })),
      file,
      bytes: output.bytes,
      seed: options.seed,
      consistentShare: options.consistentShare,
      afterError: options.afterError,
      seconds: (performance.now() - started) / 1000,
    });
    await writeInfo(path.join(options.outputDir, INFO_FILE), 'prm generate corrupt', summary);
    onProgress?.({ done: 100, total: 100 });
    return summary;
  } finally {
    for (const { source } of inputs) await source.close();
  }
}

async function fill(
  output: OutputFile,
  inputs: readonly OpenInput[],
  options: CompleteCorruptOptions,
  report: CorruptionReport,
  { signal, onProgress }: CorruptHooks,
): Promise<void> {
  const buffer = new TextBuffer(output);
  const passes = new Passes(
    inputs.map(({ source }) => source),
    // One pass, where `Passes` counts on two.
    (share) => onProgress?.({ done: Math.min(100, 200 * share), total: 100 }),
  );
  const makers = inputs.map((input, index) => new PathMaker(input, index, options, report));
  for (const [index, input] of inputs.entries()) {
    passes.begin(input.source);
    const reader = new InputRows(input, { completions: 'auto' });
    const rows = reader.rows({ signal }, (share) => {
      passes.report(share);
    });
    for await (const batch of rows.batches()) {
      for (const { row, number, fault } of batch) {
        if (fault !== undefined) report.skipped(number, fault);
        if (row === undefined) continue;
        for (const line of makers[index]?.linesOf(row, number) ?? []) {
          const diskBehind = buffer.add(line);
          if (diskBehind !== undefined) await diskBehind;
        }
        if (report.paths === options.maxExamples) {
          await buffer.flush();
          return;
        }
      }
    }
  }
  await buffer.flush();
}

/** The paths that are made of the rows of one dataset. */
class PathMaker {
  private readonly wish: CorruptionWish;
  private readonly random;
  /** Solutions used, by problem. */
  private readonly seen = new Map<string, Trace['steps'][]>();

  constructor(
    private readonly input: OpenInput,
    index: number,
    private readonly options: CompleteCorruptOptions,
    private readonly report: CorruptionReport,
  ) {
    this.random = seededRandom(Math.imul(options.seed, 0x9e3779b1) + index);
    this.wish = {
      strategies: STRATEGIES.filter(({ name }) => options.strategies.includes(name)),
      count: options.numIncorrectPerProblem,
      consistentShare: options.consistentShare,
    };
  }

  /** Lines of `corrupted.jsonl`, at most as many as are still wanted. */
  *linesOf(row: LayoutRow, number: number): Generator<string> {
    const trace = row.traces[0];
    if (trace === undefined || !this.isUsable(row, trace, number)) return;
    const { options, report } = this;
    const steps = trace.steps.map(({ text }) => text);
    const solution = readSolution(trace.problem, steps);
    const made = corruptSolution(solution, this.wish, this.random);
    if (made.length < options.numIncorrectPerProblem) report.fewer(made.length);
    const rows = new RowWriter(trace.problem, steps, {
      dataset: this.input.choice.dataset,
      row: number,
      answer: row.answer,
    });
    report.problem();
    if (options.correct && report.paths !== options.maxExamples) {
      report.correctPath();
      yield rows.correct();
    }
    for (const corruption of made) {
      if (report.paths === options.maxExamples) return;
      report.corruptedPath(corruption);
      yield rows.corrupted(corruption, options.afterError);
    }
  }

  /** Only solutions that are right: errors of their own would make every label behind them wrong. */
  private isUsable({ traces }: LayoutRow, { problem, steps }: Trace, number: number): boolean {
    const unlabelled = this.input.layout.name === 'gsm8k';
    const right = steps.every(({ label }) => label === 'correct' || (unlabelled && label === 'unlabelled'));
    if (steps.length === 0 || traces.length === 0) return this.leaveOut('no steps', number);
    if (!right) return this.leaveOut('not every step is labelled correct', number);
    const earlier = this.seen.get(problem);
    const isSame = (other: Trace['steps']): boolean =>
      other.length === steps.length && other.every(({ text }, step) => text === steps[step]?.text);
    if (earlier?.some(isSame) === true) return this.leaveOut('the same problem and solution again', number);
    if (earlier === undefined) this.seen.set(problem, [steps]);
    else earlier.push(steps);
    return true;
  }

  private leaveOut(reason: string, number: number): false {
    this.report.skipped(number, { reason });
    return false;
  }
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
