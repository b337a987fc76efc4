// What `prm evaluate` does: labelled traces in, scores from the engine process, figures out.
import type { EvaluationMetrics, EvaluationReport } from '../../../protocol/src/runs.ts';
import type { LoadedModel } from '../../../protocol/src/engine.ts';
import type { Trace } from '../datasets/trace.ts';
import { logOddsOf, stepMetrics } from '../evaluation/metrics.ts';
import { firstErrorReport, type FirstErrorCase, type FirstErrorReport } from '../evaluation/processBench.ts';
import { evaluationReport, type PlacedStep } from '../evaluation/report.ts';
import { scorePaths, SCORING } from '../evaluation/scoredTraces.ts';
import { readPrmFile } from '../models/modelFiles.ts';
import type { ReasoningPath } from '../models/families/family.ts';
import { EngineClient } from '../scoring/engineClient.ts';
import { engineFile } from '../scoring/engineFile.ts';
import { TraceTooLongError } from '../scoring/traceTooLong.ts';
import { PrmError } from '../support/errors.ts';
import type { CommandContext } from './command.ts';
import type { EvaluateOptions } from './evaluate.ts';
import { evaluationData } from './evaluateData.ts';
import { evaluationText } from './evaluateScreen.ts';
import { ProgressLine } from './progressLine.ts';

/** All that an evaluation found. */
export interface Evaluation {
  model: LoadedModel;
  /** The file or dataset. */
  data: string;
  threshold: number;
  /** Solutions that were scored. */
  traces: number;
  /** Solutions longer than the model reads, and rows that could not be read: left out. */
  tooLong: number;
  skippedRows: number;
  milliseconds: number;
  metrics: EvaluationMetrics;
  /** Over the solutions whose first error is known; null where there are none. */
  firstError: FirstErrorReport | null;
  report: EvaluationReport;
}

/** A trace with the scores of its steps. */
interface ScoredTrace {
  trace: Trace;
  path: ReasoningPath;
  scores: readonly number[];
}

/** @throws PrmError where model or data cannot be used, or no step is labelled */
export async function evaluate(options: EvaluateOptions, context: CommandContext): Promise<void> {
  const started = performance.now();
  const { name, traces, skippedRows } = await evaluationData(options, context);
  const labelled = traces
    .map(withoutEmptySteps)
    .filter(({ steps }) => steps.some(({ label }) => isVerdict(label)));
  if (labelled.length === 0) {
    throw new PrmError({
      where: name,
      what: 'No step is labelled correct or incorrect',
      remedy: 'Give data with step labels; prm inspect shows what a dataset holds.',
    });
  }
  const { model, scored, tooLong } = await scoreAll(labelled, options, context);
  const threshold = options.threshold ?? model.threshold;
  const steps = scored.flatMap(placedSteps);
  const metrics = stepMetrics(steps, threshold);
  if (metrics === undefined) {
    throw new PrmError({
      where: name,
      what: `All ${tooLong} solutions are longer than the model reads (${model.maxTokens} tokens)`,
      remedy: 'Take a model that reads more, or other data.',
    });
  }
  const evaluation: Evaluation = {
    model,
    data: name,
    threshold,
    traces: scored.length,
    tooLong,
    skippedRows,
    metrics,
    firstError: await firstErrors(scored, threshold),
    report: evaluationReport(await trainedStep(model.modelFolder), steps),
    milliseconds: performance.now() - started,
  };
  context.stdout.write(
    options.json === true
      ? `${JSON.stringify(evaluation, null, 2)}\n`
      : evaluationText(evaluation, context.colour),
  );
}

async function scoreAll(
  traces: readonly Trace[],
  { model: modelFolder, device }: EvaluateOptions,
  context: CommandContext,
): Promise<{ model: LoadedModel; scored: ScoredTrace[]; tooLong: number }> {
  const { environment, signal, stderr } = context;
  const client = new EngineClient({
    engineFile: engineFile(),
    environment,
    log: (line) => {
      if (environment.PRM_DEBUG === '1') stderr.write(`engine: ${line}\n`);
    },
  });
  const progress = new ProgressLine(context, SCORING);
  const choice = { modelFolder, device };
  const scored: ScoredTrace[] = [];
  let tooLong = 0;
  const paths = traces.map((trace) => ({
    trace,
    problem: trace.problem,
    steps: trace.steps.map(({ text }) => text),
  }));
  const hooks = {
    signal,
    onProgress: ({ done, total }: { done: number; total: number }) => {
      progress.update(done, total, `${done} of ${total}`);
    },
  };
  try {
    // No steps: the model is loaded, and nothing is computed.
    const { model } = await client.score(choice, { problem: '', steps: [] }, signal);
    const score = async ({ problem, steps }: ReasoningPath) => {
      try {
        return (await client.score(choice, { problem, steps: [...steps] }, signal)).result.scores;
      } catch (error) {
        if (!(error instanceof TraceTooLongError)) throw error;
        return steps.map(() => NaN);
      }
    };
    await scorePaths(paths, score, hooks, ({ trace, problem, steps }, scores) => {
      if (scores.some(Number.isNaN)) tooLong++;
      else scored.push({ trace, path: { problem, steps }, scores });
    });
    return { model, scored, tooLong };
  } finally {
    progress.clear();
    await client.dispose();
  }
}

/** Steps without text are no steps to a model: training leaves them out as well. */
function withoutEmptySteps(trace: Trace): Trace {
  return { ...trace, steps: trace.steps.filter(({ text }) => text.trim() !== '') };
}

function isVerdict(label: Trace['steps'][number]['label']): label is 'correct' | 'incorrect' {
  return label === 'correct' || label === 'incorrect';
}

function placedSteps({ trace, path, scores }: ScoredTrace): PlacedStep[] {
  return trace.steps.flatMap(({ label }, step) =>
    isVerdict(label)
      ? [{ correct: label === 'correct', logOdds: logOddsOf(scores[step] ?? NaN), step, text: path }]
      : [],
  );
}

/** ProcessBench's task, over the solutions whose first error is known. */
async function firstErrors(
  scored: readonly ScoredTrace[],
  threshold: number,
): Promise<FirstErrorReport | null> {
  const known = scored.flatMap(
    ({ trace, path, scores }): (FirstErrorCase & { scores: readonly number[] })[] => {
      const label = firstErrorOf(trace);
      return label === undefined ? [] : [{ ...path, label, scores }];
    },
  );
  if (known.length === 0) return null;
  const scoresOf = new Map<ReasoningPath, readonly number[]>(known.map((one) => [one, one.scores]));
  return firstErrorReport(known, (path) => Promise.resolve(scoresOf.get(path) ?? []), { threshold });
}

/**
 * 0-based index of a solution's first incorrect step, -1 where all are correct.
 * @returns undefined where that is not known: a step before it, or any step of an otherwise correct one, has no label
 */
function firstErrorOf({ steps }: Trace): number | undefined {
  const index = steps.findIndex(({ label }) => label !== 'correct');
  if (index === -1) return -1;
  return steps[index]?.label === 'incorrect' ? index : undefined;
}

/** The optimiser step whose weights the model has; 0 where its prm.json does not say, or there is none. */
async function trainedStep(folder: string): Promise<number> {
  try {
    const { step } = (await readPrmFile(folder)).description.training;
    return typeof step === 'number' ? step : 0;
  } catch (error) {
    // An adapter that PEFT wrote has no prm.json; the engine has read the folder, so nothing is wrong with it.
    if (error instanceof PrmError) return 0;
    throw error;
  }
}
