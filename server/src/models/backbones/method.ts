// How a backbone is trained: all of it, low-rank adapters beside it, or its head alone; and which tensors that trains.
import type { DecoderConfig } from './config.ts';
import { parameterSpecs, type ParameterSpec } from './parameters.ts';

/** Linear layers of a decoder block that take an adapter, as PEFT's `target_modules` names them. */
export const LORA_TARGETS = [
  'q_proj',
  'k_proj',
  'v_proj',
  'o_proj',
  'gate_proj',
  'up_proj',
  'down_proj',
] as const;
export type LoraTarget = (typeof LORA_TARGETS)[number];

/** Low-rank adapters (Hu et al. 2021): y = W x + (alpha / rank) B A dropout(x). */
export interface LoraSettings {
  rank: number;
  alpha: number;
  /** Share of the adapter's inputs that is dropped while training, 0 to below 1. */
  dropout: number;
  targets: readonly LoraTarget[];
}

export type TrainingMethod = { kind: 'full' } | { kind: 'head' } | ({ kind: 'lora' } & LoraSettings);

export const METHODS = ['full', 'lora', 'head'] as const satisfies readonly TrainingMethod['kind'][];

/** The head of two classes; every method trains it. */
export const HEAD = 'score.weight';

/** Name of an adapter's factor: `part` A is [rank, inputs], B is [outputs, rank]. PEFT writes `base_model.model.` before it. */
export function loraName(module: string, part: 'A' | 'B'): string {
  return `${module}.lora_${part}.weight`;
}

/** The modules that take an adapter, with the dimensions of their weight. */
export function loraModules(
  config: DecoderConfig,
  targets: readonly LoraTarget[],
): { module: string; outputs: number; inputs: number }[] {
  return parameterSpecs(config).flatMap(({ name, dims: [outputs, inputs] }) => {
    const module = /^(model\.layers\.\d+\..+)\.weight$/.exec(name)?.[1];
    const target = module?.split('.').at(-1);
    if (module === undefined || inputs === undefined) return [];
    return targets.some((wanted) => wanted === target) ? [{ module, outputs, inputs }] : [];
  });
}

/**
 * The tensors that a method trains, in the order of the forward pass. Everything else of the decoder is frozen. A new
 * adapter changes nothing at first: A is drawn, B is zero.
 */
export function trainedSpecs(config: DecoderConfig, method: TrainingMethod): ParameterSpec[] {
  const specs = parameterSpecs(config);
  if (method.kind === 'full') return specs;
  const head = specs.filter(({ name }) => name === HEAD);
  if (method.kind === 'head') return head;
  const adapters = loraModules(config, method.targets).flatMap(
    ({ module, outputs, inputs }): ParameterSpec[] => [
      {
        name: loraName(module, 'A'),
        dims: [method.rank, inputs],
        initial: 'normal',
        // PEFT draws A uniformly within ±1/√inputs (Kaiming with a = √5); a normal of the same variance.
        standardDeviation: 1 / Math.sqrt(3 * inputs),
        decay: true,
      },
      {
        name: loraName(module, 'B'),
        dims: [outputs, method.rank],
        initial: 'zeros',
        standardDeviation: 0,
        decay: true,
      },
    ],
  );
  return [...adapters, ...head];
}
