// The `config.json` of a Hugging Face decoder, the fields that shape its graph.

/** Field names and meanings as in transformers' Qwen3Config. */
export interface DecoderConfig {
  model_type: 'qwen3';
  vocab_size: number;
  hidden_size: number;
  num_hidden_layers: number;
  num_attention_heads: number;
  num_key_value_heads: number;
  head_dim: number;
  intermediate_size: number;
  rms_norm_eps: number;
  rope_theta: number;
  max_position_embeddings: number;
}
