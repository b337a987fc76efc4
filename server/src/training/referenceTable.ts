// What training usual models takes on this machine, computed: the table that `prm train --dry_run` prints.
import type { DecoderConfig } from '../models/backbones/config.ts';
import type { TrainingMethod } from '../models/backbones/method.ts';
import { parameterCount } from '../models/backbones/parameters.ts';
import type { ChosenDevice } from '../models/devices/device.ts';
import { MINI_CONFIG } from '../models/families/mini.ts';
import { PrmError } from '../support/errors.ts';
import { planMemory, type MemoryPlan } from './memoryPlan.ts';
import { planTime } from './timePlan.ts';

export interface ReferenceOptions {
  /** For models that have a backbone to adapt; `mini` is always trained whole. */
  method: TrainingMethod;
  device: ChosenDevice;
  /** Bytes that a run may use. */
  maxMemory: number;
  /** Paths of one update, and tokens of a path. */
  batch: number;
  length: number;
  /** `matrixProductRate` of the device. */
  rate: number;
}

export interface ReferenceRow {
  model: string;
  parameters: number;
  method: TrainingMethod['kind'];
  /** Bytes that one path with recomputation takes: the least. */
  leastMemory: number;
  /** What fits; undefined where nothing does. */
  plan: MemoryPlan | undefined;
  /** Seconds for 1,000 paths; undefined where nothing fits. */
  secondsPerThousand: number | undefined;
}

const QWEN3 = {
  model_type: 'qwen3',
  vocab_size: 151_936,
  num_key_value_heads: 8,
  head_dim: 128,
  rms_norm_eps: 1e-6,
  rope_theta: 1e6,
  max_position_embeddings: 40_960,
} as const;

/** The sizes that the models' own `config.json` give. */
const MODELS: readonly { model: string; config: DecoderConfig; storedType: 'BF16' | 'held' }[] = [
  { model: 'mini', config: MINI_CONFIG, storedType: 'held' },
  {
    model: 'SmolLM2-135M',
    storedType: 'BF16',
    config: {
      model_type: 'llama',
      vocab_size: 49_152,
      hidden_size: 576,
      num_hidden_layers: 30,
      num_attention_heads: 9,
      num_key_value_heads: 3,
      head_dim: 64,
      intermediate_size: 1536,
      rms_norm_eps: 1e-5,
      rope_theta: 1e5,
      max_position_embeddings: 8192,
    },
  },
  { model: 'Qwen3-0.6B', storedType: 'BF16', config: qwen3(1024, 28, 16, 3072) },
  { model: 'Qwen3-1.7B', storedType: 'BF16', config: qwen3(2048, 28, 16, 6144) },
  { model: 'Qwen3-4B', storedType: 'BF16', config: qwen3(2560, 36, 32, 9728) },
  { model: 'Qwen3-8B', storedType: 'BF16', config: qwen3(4096, 36, 32, 12_288) },
];

function qwen3(hidden: number, layers: number, heads: number, intermediate: number): DecoderConfig {
  return {
    ...QWEN3,
    hidden_size: hidden,
    num_hidden_layers: layers,
    num_attention_heads: heads,
    intermediate_size: intermediate,
  };
}

/** One row for each model, smallest first. */
export function referenceTable(options: ReferenceOptions): ReferenceRow[] {
  const { batch, length, device, maxMemory, rate } = options;
  return MODELS.map(({ model, config, storedType }) => {
    const method: TrainingMethod = storedType === 'held' ? { kind: 'full' } : options.method;
    const setup = { config, method, storedType, device, lengths: [length] };
    const least = planMemory({ ...setup, batch: 1, recompute: method.kind !== 'head', maxMemory: Infinity });
    const plan = fitting(() => planMemory({ ...setup, batch, maxMemory }));
    const time =
      plan &&
      planTime({
        ...{ config, method, recompute: plan.recompute, accumulation: plan.accumulation, rate },
        shape: { batch: plan.batch, length },
        steps: 1000 / batch,
      });
    return {
      model,
      parameters: parameterCount(config),
      method: method.kind,
      leastMemory: least.estimate.total,
      plan,
      secondsPerThousand: time?.run,
    };
  });
}

function fitting(plan: () => MemoryPlan): MemoryPlan | undefined {
  try {
    return plan();
  } catch (error) {
    if (error instanceof PrmError) return undefined;
    throw error;
  }
}
