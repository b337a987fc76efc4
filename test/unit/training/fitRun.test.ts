// A run fitted into memory: no batch that it plans takes more than it may, whatever its length.
import { describe, expect, it } from 'vitest';
import type { DecoderConfig } from '../../../server/src/models/backbones/config.ts';
import { chooseBuckets } from '../../../server/src/training/batches.ts';
import { longestOf, type TrainingPath } from '../../../server/src/training/data.ts';
import { fitRun } from '../../../server/src/training/fitRun.ts';
import { estimateMemory } from '../../../server/src/training/memoryPlan.ts';
import { completeOptions } from '../../../server/src/training/optionChecks.ts';
import type { TrainOptions } from '../../../server/src/training/options.ts';

const config: DecoderConfig = {
  model_type: 'llama',
  vocab_size: 128,
  hidden_size: 64,
  num_hidden_layers: 2,
  num_attention_heads: 1,
  num_key_value_heads: 1,
  head_dim: 16,
  intermediate_size: 1024,
  rms_norm_eps: 1e-6,
  rope_theta: 1e4,
  max_position_embeddings: 4096,
};
const shape = { config, storedType: 'BF16', device: 'cpu', longest: 2000 } as const;
const LORA = { kind: 'lora', rank: 16, alpha: 32, dropout: 0.05 } as const;
const options = (more: Partial<TrainOptions> = {}) =>
  completeOptions({
    data: '.',
    output_dir: '.',
    model_name: 'm',
    method: 'lora',
    lora_targets: ['q_proj'],
    ...more,
  });

describe('fitRun', () => {
  it.each([undefined, '700MB', '500MB'])(
    'plans no batch over its memory (%s), of whatever length',
    (size) => {
      const asked = options(size === undefined ? {} : { max_memory: size });
      const { plan, memory } = fitRun(asked, shape);
      const limit = size === undefined ? (memory?.estimate.total ?? 0) : Number.parseInt(size) * 1e6;
      for (const length of [64, 500, 512, 1000, 2000]) {
        const [bucket] = chooseBuckets(Array<number>(100).fill(length), {
          epochs: 1,
          batchSize: asked.batch_size,
          maxTokens: plan.max_tokens ?? undefined,
        });
        const { total } = estimateMemory({
          ...shape,
          method: { ...LORA, targets: ['q_proj'] },
          shape: { batch: bucket?.rows ?? 0, length: bucket?.length ?? 0 },
          recompute: plan.recompute,
          accumulation: Math.ceil(asked.batch_size / (bucket?.rows ?? 1)),
        });
        expect(total, `${bucket?.rows} x ${length}`).toBeLessThanOrEqual(limit);
      }
    },
  );

  it('counts the second gradient of accumulated steps', () => {
    const trained = (more: Partial<TrainOptions>) =>
      fitRun(options(more), shape).memory?.estimate.trained ?? 0;
    const short = { batch_size: 1 };
    expect(trained({ ...short, gradient_accumulation_steps: 4 }) / trained(short)).toBeCloseTo(20 / 16);
  });
});

describe('longestOf', () => {
  it('takes sets of any size', () => {
    const paths = Array.from({ length: 300_000 }, () => ({ ids: new Int32Array(3) }) as TrainingPath);
    expect(longestOf(paths, [], paths)).toBe(3);
  });
});
