// The data of a run: formatted first where a dataset is named, then read as paths; and what is to be said about it.
import { mkdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { formatDataset } from '../datasets/format/format.ts';
import type { FormatReport } from '../datasets/format/formatReport.ts';
import { loadTokenizer } from '../models/tokenizer.ts';
import { PrmError } from '../support/errors.ts';
import { emptyPathSet, readPaths, type Encoder, type PathSet } from './data.ts';
import type { Run } from './openRun.ts';
import { datasetsOf } from './optionRules.ts';
import type { CompleteTrainOptions } from './options.ts';
import { classWeights, weighPaths } from './sampling.ts';
import { DATA_FOLDER } from './runFolder.ts';

const TRAIN_FILE = 'prm_train.jsonl';
const VALIDATION_FILE = 'prm_val.jsonl';

export interface RunData {
  train: PathSet;
  /** Empty where there is none. */
  validation: PathSet;
}

/** What goes on before the first step. */
export interface TrainPhase {
  name:
    | 'downloading the model'
    | 'formatting'
    | 'reading training data'
    | 'reading validation data'
    | 'building the model';
  /** Bytes, rows or paths so far. */
  done: number;
  total: number | undefined;
}

export interface DataHooks {
  signal?: AbortSignal | undefined;
  /** For models and datasets of the Hub; left out: nothing is set. */
  environment?: NodeJS.ProcessEnv;
  onPhase?: (phase: TrainPhase) => void;
  /** Where a dataset was formatted first: what came out of it; its files lie there once the run begins. */
  onFormatted?: (report: FormatReport) => void;
}

/** What reading its data needs of a run. */
export type DataSource = Pick<Run, 'options' | 'model' | 'checkpoint'> & {
  folder: Pick<Run['folder'], 'path' | 'dataFolder'>;
};

/** The folder that the formatted data lies in. */
export function dataFolderOf({ folder, options }: Pick<DataSource, 'folder' | 'options'>): string {
  return options.data ?? folder.dataFolder;
}

/** @throws PrmError where the folder or its training file is missing */
export async function checkDataFolder(folder: string): Promise<void> {
  if ((await kindOf(folder)) !== 'folder') {
    throw new PrmError({
      where: folder,
      what: `There is no such data folder`,
      remedy: 'Make it with prm format, or name a dataset to format with --dataset.',
    });
  }
  if ((await kindOf(path.join(folder, TRAIN_FILE))) !== 'file') {
    throw new PrmError({
      where: folder,
      what: `The data folder has no ${TRAIN_FILE}`,
      remedy: 'Give the --output_dir of prm format, or name a dataset to format with --dataset.',
    });
  }
}

/**
 * Formats the dataset where one is named and this is not a resumed run, and reads both splits.
 * @throws PrmError where the data cannot be read or holds nothing to learn from
 */
export async function readRunData(run: DataSource, hooks: DataHooks): Promise<RunData> {
  const { options, model } = run;
  if (options.dataset !== undefined && run.checkpoint === undefined) await formatFirst(run, hooks);
  const folder = dataFolderOf(run);
  await checkDataFolder(folder);
  const encoder: Encoder = {
    family: model.family,
    tokenizer: loadTokenizer(model.tokenizerFile()),
    maxLength: options.max_length,
    vocabularySize: model.config.vocab_size,
  };
  const read = (
    file: string,
    phase: TrainPhase['name'],
    limits: { maxPaths?: number; sampleSeed?: number; softLabels?: boolean; keepText?: boolean },
  ) => {
    const onProgress = (done: number): void => hooks.onPhase?.({ name: phase, done, total: undefined });
    // Nothing comes of a large file before it is read whole.
    onProgress(0);
    return readPaths(path.join(folder, file), { ...encoder, ...limits, signal: hooks.signal, onProgress });
  };
  // --max_examples has limited the rows already where the run formatted them.
  const limit = options.dataset === undefined ? options.max_examples : undefined;
  const train = await read(TRAIN_FILE, 'reading training data', {
    ...(limit === undefined ? {} : { maxPaths: limit }),
    softLabels: options.soft_labels,
  });
  // What was formatted from a dataset is gone when this is read.
  const source = options.data === undefined ? datasetsOf(options).join(', ') : path.join(folder, TRAIN_FILE);
  checkLearnable(train, options, source);
  const weights = classWeights(options, train.counts);
  if (weights !== undefined) weighPaths(train.paths, weights);
  const validation =
    (await kindOf(path.join(folder, VALIDATION_FILE))) === 'file'
      ? await read(VALIDATION_FILE, 'reading validation data', {
          maxPaths: options.max_val_examples,
          sampleSeed: options.seed,
          keepText: true,
        })
      : emptyPathSet();
  return { train, validation };
}

async function formatFirst(
  { folder: { path: runFolder, dataFolder }, options }: DataSource,
  { signal, environment, onPhase, onFormatted }: DataHooks,
): Promise<void> {
  // Made before, so that what a killed start leaves lies in there too, and is known as unfinished.
  await mkdir(dataFolder);
  const report = await formatDataset(
    {
      inputs: datasetsOf(options).map((dataset, index) => ({
        dataset,
        weight: [options.weight ?? []].flat()[index],
      })),
      outputDir: dataFolder,
      ...(options.max_examples === undefined ? {} : { maxExamples: options.max_examples }),
      balance: options.balance,
      valRatio: options.val_ratio,
      seed: options.seed,
      completions: options.completions,
      neutral: options.neutral,
      afterError: options.after_error,
      // A step without text has nothing to judge.
      emptySteps: 'drop',
      overwrite: false,
    },
    {
      ...(signal === undefined ? {} : { signal }),
      ...(environment === undefined ? {} : { environment }),
      onProgress: ({ done, total }) => onPhase?.({ name: 'formatting', done, total }),
    },
  );
  const { train, validation, info } = report.files;
  const placed = (file: string): string => path.join(runFolder, DATA_FOLDER, path.basename(file));
  onFormatted?.({
    ...report,
    files: {
      folder: path.join(runFolder, DATA_FOLDER),
      train: placed(train),
      validation: placed(validation),
      info: placed(info),
    },
  });
}

/** @throws PrmError where there is nothing to learn from the training paths */
function checkLearnable({ paths, counts }: PathSet, options: CompleteTrainOptions, where: string): void {
  if (paths.length === 0) {
    const { droppedPaths: dropped } = counts;
    throw new PrmError({
      where,
      what:
        dropped === 0
          ? 'The training file is empty'
          : `No path has a labelled step within --max_length ${options.max_length} (${dropped} left out)`,
      remedy: 'Format a dataset with labelled steps, or raise --max_length.',
    });
  }
  // Shares may differ where all labels are the same.
  if ((counts.correct > 0 && counts.incorrect > 0) || counts.soft > 0) return;
  throw new PrmError({
    where,
    what:
      `Every labelled training step is ${counts.correct === 0 ? 'incorrect' : 'correct'} ` +
      `(${counts.correct + counts.incorrect} steps): there is nothing to tell apart`,
    remedy: 'Take data with correct and incorrect steps; prm inspect shows what a dataset has.',
  });
}

/** What a person should know about the data before hours are spent on it, one sentence each. */
export function dataNotices({ train, validation }: RunData, options: CompleteTrainOptions): string[] {
  const notices: string[] = [];
  if (options.soft_labels && train.counts.soft === 0) {
    notices.push('No training step has a soft label: --soft_labels changes nothing.');
  }
  if (options.early_stopping_patience !== undefined && validation.paths.length === 0) {
    notices.push(
      '--early_stopping_patience needs validation data, and there is none: the run goes to its end.',
    );
  }
  for (const [split, { counts }] of [
    ['training', train],
    ['validation', validation],
  ] as const) {
    if (counts.cutPaths > 0) {
      notices.push(
        `${counts.cutPaths} ${split} paths are longer than --max_length ${options.max_length} and were cut at a ` +
          `step border; ${counts.cutSteps} labelled steps are lost.`,
      );
    }
    if (counts.droppedPaths > 0) {
      notices.push(
        `${counts.droppedPaths} ${split} paths without a labelled step within the limit are left out.`,
      );
    }
  }
  if (validation.paths.length === 0) {
    notices.push('There is no validation data: nothing is evaluated, and best_model is the final model.');
  } else if (validation.counts.correct === 0 || validation.counts.incorrect === 0) {
    notices.push(
      'The validation data has one class only: balanced accuracy and AUROC cannot be told, and accuracy says little.',
    );
  }
  return notices;
}

export async function kindOf(place: string): Promise<'file' | 'folder' | 'none'> {
  try {
    return (await stat(place)).isDirectory() ? 'folder' : 'file';
  } catch {
    return 'none'; // The caller's message names the place; why it cannot be seen makes no difference to the remedy.
  }
}
