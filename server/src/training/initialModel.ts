// `--init_from`: what an earlier run learned, as the start of a new one.
import { findModelFolder, loadTrained, readModelFolder } from '../models/modelFolder.ts';
import type { LoraSettings } from '../models/backbones/method.ts';
import { parameterSpecs } from '../models/backbones/parameters.ts';
import type { BaseModel } from '../models/prmModel.ts';
import { PrmError } from '../support/errors.ts';
import { MINI, targetsOf } from './optionRules.ts';
import type { CompleteTrainOptions, TrainOptions } from './options.ts';
import type { Learned } from './stageEngine.ts';
import type { TrainableModel } from './trainableModels.ts';

interface InitialModel {
  /** Those that were given, with the model's own name and the settings of its adapters. */
  options: TrainOptions;
  learned: Learned;
}

/**
 * Reads the model that `--init_from` names. A language model that was trained whole is a model like any other: the run
 * takes it as its `--model_name`. Of an adapter, the run goes on with the same adapters over the same base.
 * @throws PrmError where it is no model, or another one than the options ask for
 */
export async function readInitialModel(given: TrainOptions): Promise<InitialModel> {
  const folder = await findModelFolder(given.init_from ?? '');
  const model = await readModelFolder(folder);
  if (model.kind === 'whole' && model.description.family !== MINI) {
    checkName(given, folder, folder);
    return { options: { ...given, model_name: folder }, learned: new Map() };
  }
  const name = model.kind === 'whole' ? MINI : nameOf(model.base);
  checkName(given, name, model.kind === 'whole' ? MINI : model.base.name);
  const settings = model.kind === 'whole' ? undefined : model.settings;
  return {
    options: {
      ...given,
      model_name: name,
      ...(settings === undefined ? {} : adapterOptions(given, settings, folder)),
    },
    learned: await loadTrained(folder),
  };
}

/** Of a model of the Hub, the commit that the adapters were trained on. */
function nameOf({ name, folder, revision }: BaseModel): string {
  return revision === undefined ? folder : `${name}@${revision}`;
}

function checkName({ model_name: given }: TrainOptions, wanted: string, shown: string): void {
  if (given === undefined || given === wanted || given === shown) return;
  throw new PrmError({
    what: `--init_from is a model of ${shown}, and --model_name says ${given}`,
    remedy: 'Leave --model_name out.',
  });
}

/** The adapters keep their shape; how much of their input is dropped while training is free. */
function adapterOptions(given: TrainOptions, own: LoraSettings, folder: string): Partial<TrainOptions> {
  const first = given.stages?.[0] ?? given.method ?? 'lora';
  if (first !== 'lora') {
    throw new PrmError({
      where: folder,
      what: `--init_from has adapters, which the method ${first} would lose`,
      remedy:
        'Go on with --method lora, or make a whole model of it with `prm export-model` and give that as --model_name.',
    });
  }
  const settings = { lora_rank: own.rank, lora_alpha: own.alpha, lora_targets: [...own.targets] };
  for (const [name, value] of Object.entries(settings)) {
    const typed = given[name as keyof typeof settings];
    const asked = Array.isArray(typed) ? targetsOf(typed) : typed;
    if (asked === undefined || String(asked) === String(value)) continue;
    throw new PrmError({
      where: folder,
      what: `--${name} ${String(asked)}: the adapters of --init_from have ${String(value)}`,
      remedy: `Leave --${name} out.`,
    });
  }
  return settings;
}

/**
 * Checks that what was learned is of this model.
 * @throws PrmError naming a tensor that the run has no place for
 */
export function checkLearned(
  options: CompleteTrainOptions,
  { config }: TrainableModel,
  learned: Learned,
): void {
  if (learned.size === 0) return;
  const sizes = new Map(
    parameterSpecs(config).map(({ name, dims }) => [name, dims.reduce((a, b) => a * b, 1)]),
  );
  for (const [name, values] of learned) {
    const size = sizes.get(name);
    if (size === values.length || (size === undefined && name.includes('.lora_'))) continue;
    throw new PrmError({
      where: options.init_from ?? '--init_from',
      what: `--init_from does not fit the model: tensor ${name} has ${values.length} numbers${size === undefined ? '' : `, not ${size}`}`,
      remedy: 'Give a model that was trained from the same --model_name.',
    });
  }
}
