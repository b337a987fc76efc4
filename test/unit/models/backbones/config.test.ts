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
    ['attention_bias', { attention_bias: 'yes' }],
    ['rope_scaling of type longrope is not supported', { rope_scaling: { type: 'longrope' } }],
    ['rope_scaling of type yarn is not complete (factor', { rope_scaling: { rope_type: 'yarn' } }],
    ['partial_rotary_factor', { partial_rotary_factor: 0.5 }],
    ['quantization_config', { quantization_config: { bits: 4 } }],
    ['layer_types names 1 layers', { layer_types: ['full_attention'] }],
    ['layer_types', { layer_types: ['chunked_attention'] }],
    ['sliding_window', { sliding_window: -1 }],
    ['rope_theta', { rope_parameters: { rope_type: 'default' } }],
    ['num_key_value_heads', { num_key_value_heads: 5 }],
  ])('names the field and the file: %s', (field, change) => {
    const parse = () => parseDecoderConfig({ ...qwen3, ...change }, 'model/config.json');
    expect(parse).toThrow('model/config.json: ');
    expect(parse).toThrow(field);
  });

  it('reads both forms of the rotary settings alike', () => {
    const stretched = { rope_type: 'linear', factor: 4 };
    const old = parseDecoderConfig({ ...qwen3, rope_scaling: { type: 'linear', factor: 4 } }, 'config.json');
    const { rope_theta, ...rest } = qwen3;
    const parameters = { ...stretched, rope_theta };
    expect(old.rope_scaling).toEqual(stretched);
    expect(parseDecoderConfig({ ...rest, rope_parameters: parameters }, 'config.json')).toEqual(old);
  });

  it('takes what transformers takes where a field is left out', () => {
    const left = { head_dim: null, num_key_value_heads: undefined, rope_theta: null };
    expect(parseDecoderConfig({ ...qwen3, ...left, model_type: 'llama' }, 'config.json')).toMatchObject({
      head_dim: 64,
      num_key_value_heads: 16,
      rope_theta: 10_000,
    });
  });

  it.each<[string, object, number | null | undefined]>([
    ['Mistral, no word of a window', { model_type: 'mistral' }, 4096],
    ['Mistral, none', { model_type: 'mistral', sliding_window: null }, null],
    ['Mistral, one given', { model_type: 'mistral', sliding_window: 32 }, 32],
    ['Qwen3, windows asked for', { use_sliding_window: true }, 4096],
    ['Qwen3, windows asked for, none', { use_sliding_window: true, sliding_window: null }, null],
    ['Qwen3, no windows', {}, undefined],
    ['Llama, which has none', { model_type: 'llama' }, undefined],
  ])('takes the sliding window that transformers takes: %s', (_, change, window) => {
    expect(parseDecoderConfig({ ...qwen3, ...change }, 'config.json').sliding_window).toBe(window);
  });

  it.each([[null], ['text'], [[]], [7]])('refuses %j', (content) => {
    expect(() => parseDecoderConfig(content, 'config.json')).toThrow('config.json: Not a decoder');
  });
});
