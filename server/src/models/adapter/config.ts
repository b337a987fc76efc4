// `adapter_config.json`, as PEFT writes it: what an adapter changes and how strongly.
import path from 'node:path';
import { z } from 'zod';
import { PrmError } from '../../support/errors.ts';
import { LORA_TARGETS, type LoraSettings, type LoraTarget } from '../backbones/method.ts';
import { check, jsonText, readJson } from '../modelFiles.ts';
import type { AdapterModel, BaseModel } from '../prmModel.ts';

export const ADAPTER_CONFIG_FILE = 'adapter_config.json';

/** PEFT's word for an adapter that changes no layer and only brings modules of its own: here, the head. */
const NO_TARGETS = 'dummy-target-modules';

/** Matrices that PEFT may have drawn A and B from without changing the base model. */
const PLAIN_STARTS: readonly unknown[] = [true, false, null, undefined, 'gaussian', 'orthogonal', 'eva'];

/** Of a head alone: PEFT wants a rank, and no tensor has it. */
const HEAD_ALONE = { rank: 1, alpha: 1, dropout: 0 };

const configSchema = z.looseObject({
  peft_type: z.string(),
  base_model_name_or_path: z.string().nullish(),
  revision: z.string().nullish(),
  r: z.int().positive(),
  lora_alpha: z.number().positive(),
  lora_dropout: z.number().min(0).lt(1).default(0),
  target_modules: z.union([z.string(), z.array(z.string())]).nullish(),
  modules_to_save: z.array(z.string()).nullish(),
});

export interface AdapterConfig {
  /** A folder or a Hub id; undefined where the file does not say. */
  baseName: string | undefined;
  revision: string | undefined;
  /** Undefined: the head alone. */
  settings: LoraSettings | undefined;
}

/** The text of `adapter_config.json`, with what PEFT needs; it takes its defaults for the rest. */
export function adapterConfigJson({ base, settings }: Pick<AdapterModel, 'base' | 'settings'>): string {
  const { rank, alpha, dropout } = settings ?? HEAD_ALONE;
  return jsonText({
    peft_type: 'LORA',
    task_type: 'TOKEN_CLS',
    base_model_name_or_path: baseName(base),
    revision: base.revision ?? null,
    inference_mode: true,
    r: rank,
    lora_alpha: alpha,
    lora_dropout: dropout,
    target_modules: settings?.targets ?? NO_TARGETS,
    modules_to_save: ['score'],
    bias: 'none',
    fan_in_fan_out: false,
    init_lora_weights: true,
    use_rslora: false,
    use_dora: false,
  });
}

/** Of a model of the Hub its id alone (PEFT takes the revision from a field of its own), else the name as given. */
export function baseName({ name, revision }: Pick<BaseModel, 'name' | 'revision'>): string {
  return revision === undefined ? name : name.replace(/@[^@]*$/, '');
}

/**
 * Reads `adapter_config.json`, ours or PEFT's.
 * @throws PrmError naming the field that is missing, or that asks for what is not computed here
 */
export async function readAdapterConfig(folder: string): Promise<AdapterConfig> {
  const file = path.join(folder, ADAPTER_CONFIG_FILE);
  const config = check(configSchema, await readJson(file), file);
  checkSupported(config, file);
  const { r: rank, lora_alpha: alpha, lora_dropout: dropout, target_modules: modules } = config;
  return {
    baseName: config.base_model_name_or_path ?? undefined,
    revision: config.revision ?? undefined,
    settings:
      modules === NO_TARGETS ? undefined : { rank, alpha, dropout, targets: targetsOf(modules, file) },
  };
}

/** Variants of LoRA that compute something else than W x + (alpha / r) B A x. */
function checkSupported(config: z.infer<typeof configSchema>, file: string): void {
  const isEmpty = (value: unknown) =>
    value == null || value === false || (typeof value === 'object' && Object.keys(value).length === 0);
  const problems = [
    ...(config.peft_type === 'LORA' ? [] : [`peft_type ${config.peft_type}`]),
    ...[
      'use_rslora',
      'use_dora',
      'use_qalora',
      'use_bdlora',
      'lora_bias',
      'fan_in_fan_out',
      'rank_pattern',
      'alpha_pattern',
      'layers_to_transform',
      'layer_replication',
      'target_parameters',
      'trainable_token_indices',
      'alora_invocation_tokens',
      'arrow_config',
    ].filter((field) => !isEmpty(config[field])),
    ...(isEmpty(config.bias) || config.bias === 'none' ? [] : [`bias ${JSON.stringify(config.bias)}`]),
    ...(PLAIN_STARTS.includes(config.init_lora_weights)
      ? []
      : [`init_lora_weights ${JSON.stringify(config.init_lora_weights)}`]),
    ...(config.modules_to_save ?? [])
      // PEFT lists the names that a classifier's head may have, whichever of them the model has.
      .filter((name) => name !== 'score' && name !== 'classifier')
      .map((name) => `modules_to_save ${name}`),
  ];
  if (problems.length === 0) return;
  throw new PrmError({
    where: file,
    what: `The adapter uses ${problems.join(', ')}, which is not supported`,
    remedy: 'Use a plain LoRA adapter with its head, or merge this one into its base model with PEFT.',
  });
}

/** Names may be whole (`model.layers.0.self_attn.q_proj`) or the layer's own (`q_proj`); the tensors say which layers. */
function targetsOf(modules: string | string[] | null | undefined, file: string): LoraTarget[] {
  const names = typeof modules === 'string' ? [modules] : (modules ?? []);
  const found = names.map((name) => LORA_TARGETS.find((target) => name.split('.').at(-1) === target));
  const unknown = names.filter((_, index) => found[index] === undefined);
  if (names.length === 0 || unknown.length > 0) {
    throw new PrmError({
      where: file,
      what: `target_modules names ${unknown.length > 0 ? unknown.join(', ') : 'no layers'}`,
      remedy: `Adapters are read beside the layers ${LORA_TARGETS.join(', ')}.`,
    });
  }
  return LORA_TARGETS.filter((target) => found.includes(target));
}
