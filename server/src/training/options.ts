// Options of a training run: one table gives the command line's flags, its help, the checks and config.json.
import { z } from 'zod';
import { DEVICES } from '../../../protocol/src/engine.ts';
import { PrmError } from '../support/errors.ts';

/** What help and error messages say about an option. */
interface OptionText {
  help: string;
  /** Placeholder of the value; left out for switches. */
  value?: string;
  /** What a value must be, for the error message: "--seed must be <rule>". */
  rule: string;
}

const text = z.string().min(1);
const positive = z.int().min(1);

/** Keys are the command line's long options and the keys of config.json. */
const trainOptionsSchema = z.strictObject({
  data: text.optional().meta({
    value: 'DIR',
    help: 'folder with prm_train.jsonl and prm_val.jsonl, as prm format writes it',
    rule: 'the path of a folder',
  }),
  dataset: text.optional().meta({
    value: 'PATH|ID',
    help: 'format this dataset first, into OUTPUT/data (instead of --data): a path, or owner/name[@revision] on the Hub',
    rule: 'the path of a dataset, or its id on the Hub',
  }),
  output_dir: text.meta({ value: 'DIR', help: 'run folder to make', rule: 'the path of a folder' }),
  model_name: z.string().default('mini').meta({
    value: 'NAME|DIR',
    help: 'model to train: mini (7M parameters, from nothing), or the folder of a language model as Hugging Face stores it (all of its weights are trained)',
    rule: 'a model name or folder',
  }),
  max_examples: positive.optional().meta({
    value: 'N',
    help: 'use at most this many rows of --dataset, or the first N reasoning paths of --data',
    rule: 'a whole number, 1 or more',
  }),
  max_val_examples: positive.default(500).meta({
    value: 'N',
    help: 'evaluate on at most this many validation paths, chosen at random by the seed',
    rule: 'a whole number, 1 or more',
  }),
  batch_size: positive.max(1024).default(16).meta({
    value: 'N',
    help: 'reasoning paths in one optimiser step (fewer where paths are longer than 512 tokens)',
    rule: 'a whole number from 1 to 1024',
  }),
  num_epochs: positive.default(3).meta({
    value: 'N',
    help: 'passes over the training data',
    rule: 'a whole number, 1 or more',
  }),
  learning_rate: z.number().positive().max(1).default(5e-4).meta({
    value: 'RATE',
    help: 'highest learning rate; reached after the warm-up, then lowered along a cosine',
    rule: 'a number above 0, at most 1',
  }),
  warmup_ratio: z.number().min(0).max(1).default(0.1).meta({
    value: 'PART',
    help: 'part of the steps in which the learning rate rises to its highest',
    rule: 'a number from 0 to 1',
  }),
  weight_decay: z.number().min(0).max(10).default(0.1).meta({
    value: 'RATE',
    help: 'decoupled weight decay of AdamW',
    rule: 'a number from 0 to 10',
  }),
  max_length: z.int().min(16).max(32_768).default(1024).meta({
    value: 'TOKENS',
    help: 'longest input; longer paths are cut at a step border',
    rule: 'a whole number from 16 to 32768',
  }),
  eval_steps: positive.optional().meta({
    value: 'N',
    help: 'evaluate every N optimiser steps (default: a fifth of the run, from 10 to 250)',
    rule: 'a whole number, 1 or more',
  }),
  save_steps: positive.optional().meta({
    value: 'N',
    help: 'write a checkpoint every N optimiser steps (default: at every evaluation)',
    rule: 'a whole number, 1 or more',
  }),
  save_total_limit: positive.default(2).meta({
    value: 'N',
    help: 'newest checkpoints to keep, beside the best one',
    rule: 'a whole number, 1 or more',
  }),
  device: z
    .enum(DEVICES)
    .default('auto')
    .meta({ value: 'DEVICE', help: `one of ${DEVICES.join(', ')}`, rule: `one of ${DEVICES.join(', ')}` }),
  seed: z.int().min(0).max(0xffffffff).default(42).meta({
    value: 'N',
    help: 'seed of the weights, the order of the data and the split',
    rule: 'a whole number from 0 to 4294967295',
  }),
  balance: z.boolean().default(true).meta({
    help: 'with --dataset: keep all examples instead of as many correct as incorrect ones',
    rule: 'true or false',
  }),
  val_ratio: z.number().min(0).lt(1).default(0.1).meta({
    value: 'PART',
    help: 'with --dataset: part of the problems held out for validation',
    rule: 'a number from 0 up to 1',
  }),
  completions: z.enum(['auto', 'steps', 'attempts']).default('auto').meta({
    value: 'READING',
    help: 'with --dataset: what the completions of a row are: auto, steps or attempts',
    rule: 'one of auto, steps, attempts',
  }),
  resume: z.boolean().default(false).meta({
    help: 'go on with the run in OUTPUT from its newest whole checkpoint, with its own options',
    rule: 'true or false',
  }),
  overwrite: z.boolean().default(false).meta({
    help: 'replace an earlier run in OUTPUT; other files there are left alone',
    rule: 'true or false',
  }),
} satisfies Record<string, z.ZodType>);

/** Options as given; what is left out takes its default, or on `resume` the run's own value. */
export type TrainOptions = z.input<typeof trainOptionsSchema>;
export type CompleteTrainOptions = z.output<typeof trainOptionsSchema>;

/** What config.json keeps: all but where the run lies and how this start of it was asked for. */
export const storedOptionsSchema = trainOptionsSchema.omit({
  output_dir: true,
  resume: true,
  overwrite: true,
});

export function storedOptions(options: CompleteTrainOptions): z.output<typeof storedOptionsSchema> {
  return storedOptionsSchema.strip().parse(options);
}

type OptionName = keyof CompleteTrainOptions;

/** An option as the command line declares it. */
export interface OptionDeclaration extends OptionText {
  name: OptionName;
  /** A switch that is on by default is declared as `--no-<name>`, which its help describes. */
  kind: 'switch' | 'number' | 'text';
  default: string | number | boolean | undefined;
}

const optionTextSchema = z.object({ help: z.string(), value: z.string().optional(), rule: z.string() });

/** All options, in the order of the help. */
export function optionDeclarations(): OptionDeclaration[] {
  return Object.entries(trainOptionsSchema.shape).map(([name, schema]) => {
    const { help, value, rule } = optionTextSchema.parse(schema.meta());
    const inner = 'unwrap' in schema ? schema.unwrap() : schema;
    const initial = schema instanceof z.ZodDefault ? schema.parse(undefined) : undefined;
    return {
      name: name as OptionName,
      kind: value === undefined ? 'switch' : inner instanceof z.ZodNumber ? 'number' : 'text',
      default: initial,
      help,
      ...(value === undefined ? {} : { value }),
      rule,
    };
  });
}

/**
 * Checks the options and fills in the defaults.
 * @throws PrmError naming the option, the value given and what it must be
 */
export function completeOptions(given: TrainOptions): CompleteTrainOptions {
  const result = trainOptionsSchema.safeParse(given);
  if (!result.success) throw invalidOption(result.error, given);
  const options = result.data;
  if (options.resume && options.overwrite) {
    throw new PrmError({
      what: '--resume and --overwrite contradict each other',
      remedy: 'Use --resume to go on with a run, --overwrite to start it anew.',
    });
  }
  if (!options.resume && (options.data === undefined) === (options.dataset === undefined)) {
    throw new PrmError({
      what: options.data === undefined ? 'No training data is named' : '--data and --dataset are both given',
      remedy: 'Give either --data (a folder that prm format made) or --dataset (a dataset to format first).',
    });
  }
  return options;
}

function invalidOption(error: z.ZodError, given: TrainOptions): PrmError {
  const name = String(error.issues[0]?.path[0] ?? '');
  const schema = Object.entries(trainOptionsSchema.shape).find(([known]) => known === name)?.[1];
  if (schema === undefined) {
    return new PrmError({
      what: 'An option is not known',
      remedy: error.issues[0]?.message ?? '',
      cause: error,
    });
  }
  const value: unknown = Object.entries(given).find(([known]) => known === name)?.[1];
  const rule = optionTextSchema.parse(schema.meta()).rule;
  return new PrmError({
    what: value === undefined ? `--${name} is missing` : `--${name} must be ${rule}, not ${shown(value)}`,
    ...(value === undefined ? { remedy: `Give ${rule}.` } : {}),
    cause: error,
  });
}

function shown(value: unknown): string {
  return typeof value === 'string'
    ? value
    : typeof value === 'number'
      ? String(value)
      : JSON.stringify(value);
}

/** Options that a resumed run may change: they do not touch what is computed. */
const FREE_ON_RESUME: readonly OptionName[] = [
  'output_dir',
  'resume',
  'overwrite',
  'device',
  'save_steps',
  'save_total_limit',
];

/**
 * The options of a resumed run: its own, with those that may change as given now.
 * @throws PrmError naming every option given now that contradicts the run's own
 */
export function resumedOptions(own: CompleteTrainOptions, given: TrainOptions): CompleteTrainOptions {
  const changed = Object.entries(given).filter(
    ([name, value]) =>
      value !== undefined &&
      !FREE_ON_RESUME.includes(name as OptionName) &&
      own[name as OptionName] !== value,
  );
  if (changed.length > 0) {
    const differences = changed.map(
      ([name, value]) =>
        `--${name} ${String(value)} (the run has ${String(own[name as OptionName] ?? 'none')})`,
    );
    throw new PrmError({
      where: given.output_dir,
      what: `This run was started with other options: ${differences.join(', ')}`,
      remedy: 'Leave these options out to resume it, or train into another --output_dir.',
    });
  }
  const free = Object.fromEntries(
    Object.entries(given).filter(
      ([name, value]) => value !== undefined && FREE_ON_RESUME.includes(name as OptionName),
    ),
  );
  return completeOptions({ ...own, overwrite: false, ...free });
}
