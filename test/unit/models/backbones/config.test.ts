// config.json: what is not supported is refused by name.
import { describe, expect, it } from 'vitest';
import { parseDecoderConfig } from '../../../../server/src/models/backbones/config.ts';

const qwen3 = {
  model_type: 'qwen3',
  vocab_size: 151_936,
  hidden_size: 1024,
  num_hidden_layers: 28,
  num_attention_heads: 16,
  num_key_value_heads: 8,
  head_dim: 128,
  intermediate_size: 3072,
  rms_norm_eps: 1e-6,
  rope_theta: 1_000_000,
  max_position_embeddings: 40_960,
  hidden_act: 'silu',
  attention_bias: false,
  rope_scaling: null,
  use_sliding_window: false,
  torch_dtype: 'bfloat16',
};

describe('parseDecoderConfig', () => {
  it('takes a published config and keeps the fields that shape the graph', () => {
    const config = parseDecoderConfig(qwen3, 'config.json');
    expect(config.head_dim).toBe(128);
    expect(config).not.toHaveProperty('torch_dtype');
  });

  it.each<[string, object]>([
    ['model_type', { model_type: 'bert' }],
    ['hidden_size', { hidden_size: undefined }],
    ['num_hidden_layers', { num_hidden_layers: 1.5 }],
    ['vocab_size', { vocab_size: '151936' }],
    ['head_dim', { head_dim: 127 }],
    ['hidden_act', { hidden_act: 'gelu' }],
    ['attention_bias', { attention_bias: true }],
    ['rope_scaling', { rope_scaling: { type: 'yarn' } }],
    ['use_sliding_window', { use_sliding_window: true }],
    ['num_key_value_heads', { num_key_value_heads: 5 }],
  ])('names the field and the file: %s', (field, change) => {
    const parse = () => parseDecoderConfig({ ...qwen3, ...change }, 'model/config.json');
    expect(parse).toThrow('model/config.json: ');
    expect(parse).toThrow(field);
  });

  it.each([[null], ['text'], [[]], [7]])('refuses %j', (content) => {
    expect(() => parseDecoderConfig(content, 'config.json')).toThrow('config.json: Not a decoder');
  });
});
