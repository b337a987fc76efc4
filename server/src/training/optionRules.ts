// What options mean together: methods and stages with their defaults, and the options that would change nothing.
import { LORA_TARGETS, type LoraTarget, type TrainingMethod } from '../models/backbones/method.ts';
import { PrmError } from '../support/errors.ts';
import type { CompleteTrainOptions, OptionName, TrainOptions } from './options.ts';

type MethodName = TrainingMethod['kind'];

export const MINI = 'mini';
/** The language model that adapters are trained on where none is named. */
const DEFAULT_LANGUAGE_MODEL = 'Qwen/Qwen3-0.6B';

/** A part of a run with a method and a schedule of its own. */
export interface StageSettings {
  method: TrainingMethod;
  epochs: number;
  /** Highest learning rate. */
  learningRate: number;
}

/** Fills in the model, the method and the learning rate where they are not given. */
export function withMethodDefaults(
  options: Omit<CompleteTrainOptions, 'model_name'> & { model_name?: string | undefined },
): CompleteTrainOptions {
  const asked = options.stages ?? (options.method === undefined ? [] : [options.method]);
  const model = options.model_name ?? (asked.includes('lora') ? DEFAULT_LANGUAGE_MODEL : MINI);
  const methods = asked.length > 0 ? asked : [model === MINI ? ('full' as const) : ('lora' as const)];
  const rates = methods.map((method) => usualRate(model, method));
  return {
    ...options,
    model_name: model,
    ...(options.stages === undefined ? { method: methods[0] } : {}),
    learning_rate: options.learning_rate ?? (rates.length === 1 ? (rates[0] ?? 1e-4) : rates),
  };
}

/** Rates that are known to work: TRL's for all weights, PEFT's usual one for adapters, PURE's for a head alone. */
function usualRate(model: string, method: MethodName): number {
  if (method !== 'full') return 1e-4;
  return model === MINI ? 5e-4 : 1e-5;
}

/** The methods of a run, in the order of its stages. */
export function methodNames({ stages, method }: CompleteTrainOptions): readonly MethodName[] {
  return stages ?? [method ?? 'full'];
}

/** The stages of a run; one where it has no `--stages`. */
export function stagesOf(options: CompleteTrainOptions): StageSettings[] {
  const methods = methodNames(options);
  const epochs = forEach(methods, options.num_epochs);
  const rates = forEach(methods, options.learning_rate ?? 1e-4);
  return methods.map((name, index) => ({
    method: name === 'lora' ? { kind: name, ...loraSettings(options) } : { kind: name },
    epochs: epochs[index] ?? 1,
    learningRate: rates[index] ?? 1e-4,
  }));
}

function loraSettings(options: CompleteTrainOptions) {
  return {
    rank: options.lora_rank,
    alpha: options.lora_alpha,
    dropout: options.lora_dropout,
    targets: targetsOf(options.lora_targets),
  };
}

/** The layers that `--lora_targets` means, in one order, whatever was typed. */
export function targetsOf(typed: readonly string[]): LoraTarget[] {
  const wanted = new Set(typed);
  return LORA_TARGETS.filter((target) => wanted.has('all') || wanted.has(target));
}

function forEach(methods: readonly MethodName[], values: number | readonly number[]): readonly number[] {
  const list = typeof values === 'number' ? [values] : values;
  return list.length === 1 ? methods.map(() => list[0] ?? 0) : list;
}

/** The datasets of a run, in the order given; none where it trains on formatted data. */
export function datasetsOf({ dataset }: Pick<TrainOptions, 'dataset'>): readonly string[] {
  if (dataset === undefined) return [];
  return typeof dataset === 'string' ? [dataset] : dataset;
}

const LORA_OPTIONS = ['lora_rank', 'lora_alpha', 'lora_dropout', 'lora_targets'] as const;
/** What formatting does; data that is formatted already cannot be changed by it. */
const FORMAT_OPTIONS = ['weight', 'balance', 'val_ratio', 'completions', 'neutral', 'after_error'] as const;

/**
 * Refuses options that contradict each other, and those that would change nothing.
 * @param given what was typed, checked one by one already
 * @throws PrmError naming the options
 */
export function checkGiven(given: TrainOptions, complete: CompleteTrainOptions): void {
  const methods = methodNames(complete);
  const isGiven = (name: OptionName): boolean => given[name] !== undefined;
  if (given.stages !== undefined && given.method !== undefined) {
    throw contradiction('--stages and --method are both given', 'Give one of them: stages are methods.');
  }
  if (given.data !== undefined) {
    refuse(FORMAT_OPTIONS.filter(isGiven), {
      because: 'with --data: they say how a dataset is formatted, and that data is formatted already',
      remedy: 'Leave them out, or name the dataset itself with --dataset.',
    });
  }
  if (!methods.includes('lora')) {
    refuse(LORA_OPTIONS.filter(isGiven), {
      because: `with the method ${methods.join(', ')}: only lora has adapters`,
      remedy: 'Leave them out, or train with --method lora.',
    });
  }
  if (given.recompute === 'on' && methods.every((method) => method === 'head')) {
    refuse(['recompute'], {
      because: 'with the method head: nothing is computed backwards through the model',
      remedy: 'Leave it out.',
    });
  }
  checkStages(given, methods);
  checkMini(complete, methods);
  if (given.sampling === 'balanced' && given.class_weights !== undefined && given.class_weights !== 'none') {
    throw contradiction(
      '--sampling balanced and --class_weights are both given, so that incorrect steps would count twice over',
      'Give one of them.',
    );
  }
  const datasets = datasetsOf(given);
  const weights = given.weight === undefined ? [] : [given.weight].flat();
  if (weights.length > 0 && weights.length !== datasets.length) {
    throw contradiction(
      `--weight has ${counted(weights.length, 'number')} for ${counted(datasets.length, 'dataset')}`,
      'Give one for each --dataset, in the same order.',
    );
  }
}

/** What a stage can go on from: adapters belong to the weights that they were trained beside. */
function checkStages(given: TrainOptions, methods: readonly MethodName[]): void {
  methods.forEach((method, index) => {
    const before = methods[index - 1];
    if (before === 'lora' && method !== 'lora') {
      throw contradiction(
        `--stages ${methods.join(',')}: a stage ${method} cannot follow lora, whose adapters would be lost`,
        'Put lora last.',
      );
    }
    if (before === 'full' && method === 'lora') {
      throw contradiction(
        `--stages ${methods.join(',')}: adapters for weights that this run has changed would fit no model that others have`,
        'Train with full first, then give the best_model of that run as --model_name to a run with lora.',
      );
    }
  });
  for (const name of ['num_epochs', 'learning_rate'] as const) {
    const values = given[name];
    if (typeof values === 'object' && values.length > 1 && values.length !== methods.length) {
      throw contradiction(
        `--${name} has ${counted(values.length, 'number')} for ${counted(methods.length, 'stage')}`,
        'Give one number, or one for each of --stages.',
      );
    }
  }
}

/** `mini` begins with drawn weights: beside them, frozen, neither a head nor an adapter could learn anything. */
function checkMini(
  { model_name: model, init_from: initial }: CompleteTrainOptions,
  methods: readonly MethodName[],
) {
  if (model !== MINI) return;
  if (methods.includes('lora')) {
    throw contradiction(
      'mini is trained whole; adapters are for language models',
      'Leave --method out, or name a language model with --model_name.',
    );
  }
  if (methods[0] === 'head' && initial === undefined) {
    throw contradiction(
      'mini is trained from nothing, and a head alone cannot learn on top of drawn weights',
      'Train with --method full, or give a trained mini with --init_from.',
    );
  }
}

function refuse(
  names: readonly OptionName[],
  { because, remedy }: { because: string; remedy: string },
): void {
  if (names.length === 0) return;
  const options = names.map((name) => `--${name}`).join(', ');
  throw new PrmError({
    what: `${options} ${names.length === 1 ? 'has' : 'have'} no effect ${names.length === 1 ? because.replace('they say', 'it says') : because}`,
    remedy: names.length === 1 ? remedy.replaceAll('them', 'it') : remedy,
  });
}

function counted(count: number, thing: string): string {
  return `${count} ${thing}${count === 1 ? '' : 's'}`;
}

function contradiction(what: string, remedy: string): PrmError {
  return new PrmError({ what, remedy });
}
