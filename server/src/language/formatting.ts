// `prm/formatDataset`: formats in a process of its own, so that the server answers meanwhile.
import { z } from 'zod';
import { LAYOUTS } from '../../../protocol/src/datasets.ts';
import {
  COMPLETION_READINGS,
  FORMAT_DATASET,
  type FormatDatasetParams,
  type FormatDatasetResult,
} from '../../../protocol/src/requests.ts';
import { FORMAT_DEFAULTS } from '../datasets/format/formatDefaults.ts';
import { formatInWorker } from '../datasets/format/formatInWorker.ts';
import type { FormatReport } from '../datasets/format/formatReport.ts';
import { AFTER_ERROR_POLICIES, EMPTY_STEP_POLICIES, NEUTRAL_POLICIES } from '../datasets/layouts/layout.ts';
import { resolveDataset } from './datasetPath.ts';
import { requireTrust } from './failures.ts';
import { statisticsText } from './statisticsText.ts';
import type { Workplace } from './workplace.ts';

/** At most one progress report in this time, milliseconds. */
const REPORT_INTERVAL = 100;

const formatParams: z.ZodType<FormatDatasetParams> = z.object({
  dataset: z.string().min(1),
  outputDir: z.string().min(1),
  maxExamples: z.int().positive().exactOptional(),
  balance: z.boolean().exactOptional(),
  valRatio: z.number().min(0).lt(1).exactOptional(),
  seed: z.int().exactOptional(),
  completions: z.enum(COMPLETION_READINGS).exactOptional(),
  layout: z.enum(LAYOUTS).exactOptional(),
  emptySteps: z.enum(EMPTY_STEP_POLICIES).exactOptional(),
  neutral: z.enum(NEUTRAL_POLICIES).exactOptional(),
  afterError: z.enum(AFTER_ERROR_POLICIES).exactOptional(),
  alternatives: z.boolean().exactOptional(),
  qualityControl: z.boolean().exactOptional(),
  overwrite: z.boolean().exactOptional(),
  workDoneToken: z.union([z.string(), z.number()]).exactOptional(),
});

export function serveFormatting(workplace: Workplace): void {
  workplace.onRequest(FORMAT_DATASET, formatParams, async (params, signal) => {
    requireTrust(workplace.trusted, 'Formatting');
    const progress = progressOf(workplace, params);
    try {
      const report = await formatInWorker(
        {
          inputs: [{ dataset: await resolveDataset(workplace, params.dataset), layout: params.layout }],
          outputDir: workplace.resolvePath(params.outputDir),
          maxExamples: params.maxExamples,
          balance: params.balance ?? FORMAT_DEFAULTS.balance,
          valRatio: params.valRatio ?? FORMAT_DEFAULTS.valRatio,
          seed: params.seed ?? FORMAT_DEFAULTS.seed,
          completions: params.completions ?? 'auto',
          emptySteps: params.emptySteps,
          neutral: params.neutral,
          afterError: params.afterError,
          alternatives: params.alternatives,
          qualityControl: params.qualityControl,
          overwrite: params.overwrite ?? false,
        },
        { signal, onProgress: progress.report },
        workplace.bundles.formatWorker,
      );
      return resultOf(report);
    } finally {
      progress.done();
    }
  });
}

interface Progress {
  report: (progress: { done: number; total: number | undefined }) => void;
  done: () => void;
}

/** LSP work-done progress, with rate and time left; none where the client gave no token. */
function progressOf({ connection }: Workplace, { workDoneToken }: FormatDatasetParams): Progress {
  if (workDoneToken === undefined) return { report: () => undefined, done: () => undefined };
  const reporter = connection.window.attachWorkDoneProgress(workDoneToken);
  reporter.begin('Formatting', 0, undefined, true);
  const started = performance.now();
  let reported = started;
  return {
    report: ({ done, total }) => {
      const now = performance.now();
      if (now - reported < REPORT_INTERVAL || total === undefined || total === 0) return;
      reported = now;
      const share = Math.min(1, done / total);
      const secondsLeft = share === 0 ? undefined : ((now - started) / 1000) * (1 / share - 1);
      const left = secondsLeft === undefined ? '' : `, ${Math.ceil(secondsLeft)} s left`;
      reporter.report(Math.floor(100 * share), `${Math.floor(100 * share)} %${left}`);
    },
    done: () => reporter.done(),
  };
}

function resultOf(report: FormatReport): FormatDatasetResult {
  const { train, validation } = report.sides;
  const trainCount = train.after.correct + train.after.incorrect;
  const validationCount = validation.after.correct + validation.after.incorrect;
  return {
    outputDir: report.files.folder,
    rows: report.rows,
    problems: report.problems,
    examples: trainCount + validationCount,
    train: trainCount,
    validation: validationCount,
    correct: train.after.correct + validation.after.correct,
    incorrect: train.after.incorrect + validation.after.incorrect,
    skippedRows: report.inputs.flatMap(({ skipped }) => skipped).reduce((sum, { count }) => sum + count, 0),
    seconds: report.seconds,
    statistics: statisticsText(report),
  };
}
