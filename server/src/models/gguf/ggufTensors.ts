// The tensors of a GGUF file under the names that Hugging Face gives them.
// Names: https://github.com/ggml-org/llama.cpp/blob/master/gguf-py/gguf/tensor_mapping.py
import type { DecoderConfig } from '../backbones/config.ts';
import { HEAD } from '../backbones/method.ts';
import { parameterSpecs } from '../backbones/parameters.ts';
import type { GgufHeader, GgufTensor } from './ggufHeader.ts';
import { hasPairedRows } from './ggufConfig.ts';
import { Metadata } from './metadata.ts';

/** Outside the layers. */
const NAMES: Readonly<Record<string, string>> = {
  'model.embed_tokens': 'token_embd',
  'model.norm': 'output_norm',
  lm_head: 'output',
};

/** Inside a layer, behind `model.layers.N.` and `blk.N.` */
const LAYER_NAMES: Readonly<Record<string, string>> = {
  input_layernorm: 'attn_norm',
  'self_attn.q_proj': 'attn_q',
  'self_attn.k_proj': 'attn_k',
  'self_attn.v_proj': 'attn_v',
  'self_attn.o_proj': 'attn_output',
  'self_attn.q_norm': 'attn_q_norm',
  'self_attn.k_norm': 'attn_k_norm',
  post_attention_layernorm: 'ffn_norm',
  'mlp.gate_proj': 'ffn_gate',
  'mlp.up_proj': 'ffn_up',
  'mlp.down_proj': 'ffn_down',
};

export interface NamedTensor {
  /** Hugging Face's name. */
  name: string;
  tensor: GgufTensor;
  /**
   * For queries and keys of llama files: values of a head. Its rows lie as pairs (0, d/2, 1, d/2 + 1, …), for llama.cpp
   * turns neighbours where transformers turns the two halves of a head.
   */
  pairedHead?: number;
}

/**
 * Every tensor of the model, in the order of the forward pass.
 * @throws PrmError naming a tensor that is missing, of another shape than the metadata says, or unknown
 */
export function namedTensors(header: GgufHeader, config: DecoderConfig): NamedTensor[] {
  const file = new Metadata(header);
  const known = new Set<string>();
  const wanted = parameterSpecs(config).filter(({ name }) => name !== HEAD);
  if (config.tie_word_embeddings !== true) {
    const dims = [config.vocab_size, config.hidden_size];
    wanted.push({ name: 'lm_head.weight', dims, initial: 'zeros', standardDeviation: 0, decay: false });
  }
  const found = wanted.map(({ name, dims }): NamedTensor => {
    const stored = ggufName(name);
    const tensor = header.tensors.get(stored);
    if (tensor === undefined) throw file.refusal(`it lacks the tensor ${stored}`);
    if (tensor.dims.join() !== dims.join()) {
      throw file.refusal(
        `tensor ${stored} has dimensions [${tensor.dims.join(', ')}], and the metadata asks for [${dims.join(', ')}]`,
      );
    }
    known.add(stored);
    const paired = hasPairedRows(header) && /\.(?:q|k)_proj\./.test(name);
    return { name, tensor, ...(paired && { pairedHead: config.head_dim }) };
  });
  const unknown = [...header.tensors.keys()].find((name) => !known.has(name));
  if (unknown === undefined) return found;
  throw file.refusal(`it has a tensor ${unknown}, which models of this architecture here do not have`);
}

function ggufName(name: string): string {
  const end = name.lastIndexOf('.');
  const [module, kind] = [name.slice(0, end), name.slice(end + 1)];
  const inLayer = /^model\.layers\.(?<layer>\d+)\.(?<module>.+)$/.exec(module)?.groups;
  const stored =
    inLayer === undefined
      ? NAMES[module]
      : `blk.${inLayer.layer ?? ''}.${LAYER_NAMES[inLayer.module ?? ''] ?? ''}`;
  if (stored === undefined) throw new RangeError(`There is no GGUF name for ${name}.`);
  return `${stored}.${kind}`;
}
