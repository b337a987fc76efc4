// Options of a training run: one table gives the command line's flags, its help, the checks and config.json.
import { z } from 'zod';
import { DEVICES } from '../../../protocol/src/engine.ts';
import { AFTER_ERROR_POLICIES, NEUTRAL_POLICIES } from '../datasets/layouts/layout.ts';
import { LORA_TARGETS, METHODS } from '../models/backbones/method.ts';

/** What help and error messages say about an option. */
interface OptionText {
  help: string;
  /** Placeholder of the value; left out for switches. */
  value?: string;
  /** What a value must be, for the error message: "--seed must be <rule>". */
  rule: string;
  /** Heading of the help that it stands under. */
  group: string;
  /** How its text is read; left out: as the schema's type says. */
  kind?: 'numbers' | 'words' | 'texts';
}

const DATA = 'Data';
const MODEL = 'Model and method';
const LEARNING = 'Learning';
const EVALUATION = 'Evaluation and checkpoints';
const MACHINE = 'Machine';
const RUN = 'Run';

const text = z.string().min(1);
const positive = z.int().min(1);
const WHOLE = 'a whole number, 1 or more';

/** One number for all, or one for each. */
const oneOrMore = <T extends z.ZodType<number>>(one: T) => z.union([one, z.array(one).min(1)]);

const LR_SCHEDULES = ['cosine', 'linear', 'constant'] as const;
const RECOMPUTATIONS = ['auto', 'on', 'off'] as const;

const list = (names: readonly string[]): string => names.join(', ');
const oneOf = (names: readonly string[]): string => `one of ${list(names)}`;

/** Keys are the command line's long options and the keys of config.json. */
export const trainOptionsSchema = z.strictObject({
  data: text.optional().meta({
    value: 'DIR',
    help: 'folder with prm_train.jsonl and prm_val.jsonl, as prm format writes it',
    rule: 'the path of a folder',
    group: DATA,
  }),
  dataset: z
    .union([text, z.array(text).min(1)])
    .optional()
    .meta({
      value: 'PATH|ID',
      help: 'format this dataset first, into OUTPUT/data (instead of --data): a path, or owner/name[@revision][:config/split] on the Hub; several are mixed',
      rule: 'the path of a dataset, or its id on the Hub',
      group: DATA,
      kind: 'texts',
    }),
  weight: oneOrMore(z.number().positive()).optional().meta({
    value: 'W',
    help: 'part of the examples that come from a dataset, such as 2 beside 1; one for each --dataset, in their order',
    rule: 'a number above 0 for each --dataset, such as 2,1',
    group: DATA,
    kind: 'numbers',
  }),
  max_examples: positive.optional().meta({
    value: 'N',
    help: 'use at most this many rows of each --dataset, or the first N reasoning paths of --data',
    rule: WHOLE,
    group: DATA,
  }),
  max_val_examples: positive.default(500).meta({
    value: 'N',
    help: 'evaluate on at most this many validation paths, chosen at random by the seed',
    rule: WHOLE,
    group: DATA,
  }),
  balance: z.boolean().default(true).meta({
    help: 'with --dataset: keep all examples instead of as many correct as incorrect ones',
    rule: 'true or false',
    group: DATA,
  }),
  val_ratio: z.number().min(0).lt(1).default(0.1).meta({
    value: 'PART',
    help: 'with --dataset: part of the problems held out for validation',
    rule: 'a number from 0 up to 1',
    group: DATA,
  }),
  completions: z.enum(['auto', 'steps', 'attempts']).default('auto').meta({
    value: 'READING',
    help: 'with --dataset: what the completions of a row are: auto, steps or attempts',
    rule: 'one of auto, steps, attempts',
    group: DATA,
  }),
  neutral: z
    .enum(NEUTRAL_POLICIES)
    .default('neutral')
    .meta({
      value: 'LABEL',
      help: `with --dataset: what a neutral rating counts as, ${oneOf(NEUTRAL_POLICIES)}; neutral steps are read, not learned`,
      rule: oneOf(NEUTRAL_POLICIES),
      group: DATA,
    }),
  after_error: z
    .enum(AFTER_ERROR_POLICIES)
    .default('as-given')
    .meta({
      value: 'POLICY',
      help: `with --dataset: steps behind the first incorrect one, ${oneOf(AFTER_ERROR_POLICIES)}`,
      rule: oneOf(AFTER_ERROR_POLICIES),
      group: DATA,
    }),
  soft_labels: z.boolean().default(false).meta({
    help: 'learn the share or probability that a dataset gives for a step instead of its label, where it gives one',
    rule: 'true or false',
    group: DATA,
  }),
  model_name: text.optional().meta({
    value: 'NAME|DIR|ID',
    help: 'model to train: mini (7M parameters, from nothing), the folder of a language model as Hugging Face stores it, or owner/name[@revision] on the Hub (default: mini; Qwen/Qwen3-0.6B with the method lora)',
    rule: 'a model name or folder',
    group: MODEL,
  }),
  method: z
    .enum(METHODS)
    .optional()
    .meta({
      value: 'METHOD',
      help: 'full (all weights), lora (low-rank adapters and the head) or head (the head alone) (default: full for mini, else lora)',
      rule: oneOf(METHODS),
      group: MODEL,
    }),
  stages: z
    .array(z.enum(METHODS))
    .min(1)
    .optional()
    .meta({
      value: 'METHODS',
      help: 'methods one after another in one run, such as head,lora; --num_epochs and --learning_rate may then be lists',
      rule: `methods with commas between them, each ${oneOf(METHODS)}`,
      group: MODEL,
      kind: 'words',
    }),
  init_from: text.optional().meta({
    value: 'DIR',
    help: 'start from what an earlier run learned: its folder, or its best_model or final_model',
    rule: 'the folder of a trained model',
    group: MODEL,
  }),
  lora_rank: z.int().min(1).max(1024).default(16).meta({
    value: 'R',
    help: 'rank of the adapters',
    rule: 'a whole number from 1 to 1024',
    group: MODEL,
  }),
  lora_alpha: z.number().positive().max(65_536).default(32).meta({
    value: 'A',
    help: 'the adapters count alpha / rank times',
    rule: 'a number above 0',
    group: MODEL,
  }),
  lora_dropout: z.number().min(0).lt(1).default(0.05).meta({
    value: 'PART',
    help: "share of the adapters' inputs that is dropped while training",
    rule: 'a number from 0 up to 1',
    group: MODEL,
  }),
  lora_targets: z
    .array(z.enum([...LORA_TARGETS, 'all']))
    .min(1)
    .default(['all'])
    .meta({
      value: 'LAYERS',
      help: `linear layers with an adapter: all, or some of ${list(LORA_TARGETS)}`,
      rule: `all, or some of ${list(LORA_TARGETS)} with commas between them`,
      group: MODEL,
      kind: 'words',
    }),
  batch_size: positive.max(1024).default(16).meta({
    value: 'N',
    help: 'reasoning paths computed at once (in smaller parts where paths are longer than 512 tokens, or memory is short)',
    rule: 'a whole number from 1 to 1024',
    group: LEARNING,
  }),
  gradient_accumulation_steps: positive.max(65_536).default(1).meta({
    value: 'N',
    help: 'an optimiser step has batch_size times this many paths',
    rule: 'a whole number from 1 to 65536',
    group: LEARNING,
  }),
  num_epochs: oneOrMore(positive).default(3).meta({
    value: 'N',
    help: 'passes over the training data; with --stages one number, or one for each stage, such as 1,2',
    rule: WHOLE,
    group: LEARNING,
    kind: 'numbers',
  }),
  learning_rate: oneOrMore(z.number().positive().max(1)).optional().meta({
    value: 'RATE',
    help: 'highest learning rate, reached after the warm-up; with --stages one, or one for each stage (default: 5e-4 for mini; 1e-4 for lora and head, 1e-5 for all weights of a language model)',
    rule: 'a number above 0, at most 1',
    group: LEARNING,
    kind: 'numbers',
  }),
  lr_schedule: z
    .enum(LR_SCHEDULES)
    .default('cosine')
    .meta({
      value: 'SHAPE',
      help: `the learning rate after the warm-up: ${list(LR_SCHEDULES)}`,
      rule: oneOf(LR_SCHEDULES),
      group: LEARNING,
    }),
  warmup_ratio: z.number().min(0).max(1).default(0.1).meta({
    value: 'PART',
    help: 'part of the steps (of each stage) in which the learning rate rises to its highest',
    rule: 'a number from 0 to 1',
    group: LEARNING,
  }),
  weight_decay: z.number().min(0).max(10).default(0.1).meta({
    value: 'RATE',
    help: 'decoupled weight decay of AdamW',
    rule: 'a number from 0 to 10',
    group: LEARNING,
  }),
  max_grad_norm: z.number().positive().max(1e6).default(1).meta({
    value: 'NORM',
    help: 'gradients are clipped to this global norm',
    rule: 'a number above 0',
    group: LEARNING,
  }),
  class_weights: z
    .string()
    .regex(/^(none|balanced|\d*\.?\d+(e-?\d+)?,\d*\.?\d+(e-?\d+)?)$/i)
    .default('none')
    .meta({
      value: 'WEIGHTS',
      help: 'weights of incorrect and correct steps in the loss: none, balanced, or two numbers such as 2,1',
      rule: 'none, balanced, or two numbers such as 2,1 (incorrect, correct)',
      group: LEARNING,
    }),
  sampling: z.enum(['all', 'balanced']).default('all').meta({
    value: 'HOW',
    help: 'all (each path once an epoch) or balanced (as many paths with a wrong step as without, the rarer kind repeated)',
    rule: 'one of all, balanced',
    group: LEARNING,
  }),
  max_length: z.int().min(16).max(32_768).default(1024).meta({
    value: 'TOKENS',
    help: 'longest input; longer paths are cut at a step border',
    rule: 'a whole number from 16 to 32768',
    group: LEARNING,
  }),
  seed: z.int().min(0).max(0xffffffff).default(42).meta({
    value: 'N',
    help: 'seed of the weights, the order of the data, dropout and the split',
    rule: 'a whole number from 0 to 4294967295',
    group: LEARNING,
  }),
  eval_steps: positive.optional().meta({
    value: 'N',
    help: 'evaluate every N optimiser steps (default: a fifth of the run, from 10 to 250)',
    rule: WHOLE,
    group: EVALUATION,
  }),
  early_stopping_patience: positive.optional().meta({
    value: 'N',
    help: 'end the last stage after N evaluations in a row that are not better than the best one',
    rule: WHOLE,
    group: EVALUATION,
  }),
  save_steps: positive.optional().meta({
    value: 'N',
    help: 'write a checkpoint every N optimiser steps (default: at every evaluation)',
    rule: WHOLE,
    group: EVALUATION,
  }),
  save_total_limit: positive.default(2).meta({
    value: 'N',
    help: 'newest checkpoints to keep, beside the best one',
    rule: WHOLE,
    group: EVALUATION,
  }),
  device: z
    .enum(DEVICES)
    .default('auto')
    .meta({ value: 'DEVICE', help: oneOf(DEVICES), rule: oneOf(DEVICES), group: MACHINE }),
  threads: positive.max(1024).optional().meta({
    value: 'N',
    help: 'CPU threads (default: as many as the machine has)',
    rule: 'a whole number from 1 to 1024',
    group: MACHINE,
  }),
  max_memory: z
    .string()
    .regex(/^\d+(\.\d+)?\s*[kmgt]i?b?$/i)
    .optional()
    .meta({
      value: 'SIZE',
      help: 'memory to plan for, such as 6GB: batch and recomputation are chosen so that the run fits (default: what the machine has)',
      rule: 'a size such as 6GB or 800MB',
      group: MACHINE,
    }),
  recompute: z
    .enum(RECOMPUTATIONS)
    .default('auto')
    .meta({
      value: 'HOW',
      help: 'compute activations again for the backward pass: less memory, more time; auto does it where the run would not fit otherwise',
      rule: oneOf(RECOMPUTATIONS),
      group: MACHINE,
    }),
  output_dir: text.meta({
    value: 'DIR',
    help: 'run folder to make',
    rule: 'the path of a folder',
    group: RUN,
  }),
  resume: z.boolean().default(false).meta({
    help: 'go on with the run in OUTPUT from its newest whole checkpoint, with its own options',
    rule: 'true or false',
    group: RUN,
  }),
  overwrite: z.boolean().default(false).meta({
    help: 'replace an earlier run in OUTPUT; other files there are left alone',
    rule: 'true or false',
    group: RUN,
  }),
} satisfies Record<string, z.ZodType>);

/** Options as given; what is left out takes its default, or on `resume` the run's own value. */
export type TrainOptions = z.input<typeof trainOptionsSchema>;
/** With all defaults, those that depend on the model and the method too. */
export type CompleteTrainOptions = z.output<typeof trainOptionsSchema> & { model_name: string };

/** What config.json keeps: all but where the run lies and how this start of it was asked for. */
export const storedOptionsSchema = trainOptionsSchema
  .omit({ output_dir: true, resume: true, overwrite: true })
  .extend({ model_name: text });

export function storedOptions(options: CompleteTrainOptions): z.output<typeof storedOptionsSchema> {
  return storedOptionsSchema.strip().parse(options);
}

export type OptionName = keyof CompleteTrainOptions;

/** An option as the command line declares it. */
export interface OptionDeclaration extends Omit<OptionText, 'kind'> {
  name: OptionName;
  /**
   * A switch that is on by default is declared as `--no-<name>`, which its help describes. `numbers` and `words` are
   * lists with commas between them (one number alone is a number); `texts` may be given several times.
   */
  kind: 'switch' | 'number' | 'text' | 'numbers' | 'words' | 'texts';
  default: string | number | boolean | undefined;
}

const optionTextSchema = z.object({
  help: z.string(),
  value: z.string().optional(),
  rule: z.string(),
  group: z.string(),
  kind: z.enum(['numbers', 'words', 'texts']).optional(),
});

/** What an option must be, for messages; undefined for a name that is no option. */
export function ruleOf(name: string): string | undefined {
  const schema = Object.entries(trainOptionsSchema.shape).find(([known]) => known === name)?.[1];
  return schema === undefined ? undefined : optionTextSchema.parse(schema.meta()).rule;
}

/** All options, in the order of the help. */
export function optionDeclarations(): OptionDeclaration[] {
  return Object.entries(trainOptionsSchema.shape).map(([name, schema]) => {
    const { help, value, kind, rule, group } = optionTextSchema.parse(schema.meta());
    const inner = 'unwrap' in schema ? schema.unwrap() : schema;
    const initial = schema instanceof z.ZodDefault ? schema.parse(undefined) : undefined;
    return {
      name: name as OptionName,
      kind: kind ?? (value === undefined ? 'switch' : inner instanceof z.ZodNumber ? 'number' : 'text'),
      default: Array.isArray(initial) ? initial.join(',') : initial,
      help,
      ...(value === undefined ? {} : { value }),
      rule,
      group,
    };
  });
}
