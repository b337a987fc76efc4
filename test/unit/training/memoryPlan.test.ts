// The memory plan: what it counts, and what it chooses when memory is short.
import { describe, expect, it } from 'vitest';
import type { DecoderConfig } from '../../../server/src/models/backbones/config.ts';
import { parameterCount } from '../../../server/src/models/backbones/parameters.ts';
import { estimateMemory, planMemory, type PlanOptions } from '../../../server/src/training/memoryPlan.ts';

const config: DecoderConfig = {
  model_type: 'qwen3',
  vocab_size: 512,
  hidden_size: 64,
  num_hidden_layers: 6,
  num_attention_heads: 4,
  num_key_value_heads: 2,
  head_dim: 16,
  intermediate_size: 128,
  rms_norm_eps: 1e-6,
  rope_theta: 1e6,
  max_position_embeddings: 2048,
};
const lora = { kind: 'lora', rank: 4, alpha: 8, dropout: 0, targets: ['q_proj', 'down_proj'] } as const;
const setup = { config, method: lora, storedType: 'BF16', device: 'cpu' } as const;
const shape = { batch: 4, length: 128 };

describe('estimateMemory', () => {
  it('counts frozen weights by their stored type, and trained ones with gradient and moments', () => {
    const bfloat16 = estimateMemory({ ...setup, shape, recompute: false });
    const float32 = estimateMemory({ ...setup, storedType: 'F32', shape, recompute: false });
    expect(float32.weights).toBe(2 * bfloat16.weights);
    const full = estimateMemory({ ...setup, method: { kind: 'full' }, shape, recompute: false });
    expect([full.weights, full.trained]).toEqual([0, 16 * parameterCount(config)]);
    expect(full.total).toBe(full.process + full.weights + full.trained + full.activations);
  });

  it('counts a further gradient where an update has several runs', () => {
    const once = estimateMemory({ ...setup, shape, recompute: false });
    const often = estimateMemory({ ...setup, shape, recompute: false, accumulation: 4 });
    expect(often.trained).toBe((once.trained / 16) * 20);
  });

  it('grows with the batch, and with the square of the length', () => {
    const of = (batch: number, length: number) =>
      estimateMemory({ ...setup, shape: { batch, length }, recompute: false }).activations;
    expect(of(8, 128) / of(4, 128)).toBeCloseTo(2, 1);
    expect(of(1, 1024) / of(1, 512)).toBeGreaterThan(2.5);
  });

  it('knows that recomputation and a frozen backbone need less', () => {
    const of = (method: PlanOptions['method'], recompute: boolean) =>
      estimateMemory({ ...setup, method, shape, recompute }).activations;
    expect(of(lora, true)).toBeLessThan(of(lora, false) / 2);
    expect(of({ kind: 'head' }, false)).toBeLessThan(of(lora, true));
  });
});

describe('planMemory', () => {
  const plan = (maxMemory: number, more: Partial<PlanOptions> = {}) =>
    planMemory({ ...setup, batch: 16, lengths: [100, 250], maxMemory, ...more });
  const need = (batch: number, recompute: boolean) =>
    estimateMemory({ ...setup, shape: { batch, length: 256 }, recompute, accumulation: 16 / batch }).total;

  it('takes the whole batch without recomputation where that fits', () => {
    const { batch, accumulation, recompute } = plan(need(16, false));
    expect([batch, accumulation, recompute]).toEqual([16, 1, false]);
  });

  it('then parts of the batch, then recomputation, always the same batch in all', () => {
    const half = plan(need(16, false) - 1);
    expect([half.batch, half.accumulation, half.recompute]).toEqual([8, 2, false]);
    // Two paths of 256 tokens still fill the processor; one does not.
    const again = plan(need(2, false) - 1);
    expect(again.recompute).toBe(true);
    expect(again.batch * again.accumulation).toBe(16);
    expect(again.estimate.total).toBeLessThan(need(2, false));
  });

  it('leaves recomputation as it was asked for', () => {
    expect(plan(1e12, { recompute: true }).recompute).toBe(true);
    expect(plan(need(1, false), { recompute: false })).toMatchObject({ batch: 1, recompute: false });
  });

  it('says what would help where not even one path fits', () => {
    expect(() => plan(100e6, { recompute: false, method: { kind: 'full' } })).toThrow(
      /One path of 256 tokens needs 0\.\d GB to be trained, and 0\.1 GB may be used/,
    );
    try {
      plan(100e6, { recompute: false, method: { kind: 'full' } });
    } catch (error) {
      expect(String((error as { remedy?: string }).remedy)).toMatch(
        /--recompute on, --method lora, shorter paths/,
      );
    }
  });
});
