"""Writes test/fixtures/gguf: small GGUF files of random models, what transformers computes with them, and blocks of every
quantisation with the numbers that they stand for.

    python -m venv VENV && VENV/bin/pip install torch==2.15.0 transformers==5.23.0 gguf==0.19.0
    VENV/bin/python test/reference/gguf_files.py

The models are written by the `gguf` package as llama.cpp's converter does it (rows of queries and keys reordered in
`llama` files) and read back by transformers' own GGUF loader, which gives the logits. Tokenizers: the shapes of
test/reference/tokenizer_shapes.py.
"""

import base64
import json
from pathlib import Path

import gguf
import numpy as np
import torch
from gguf import quants
from transformers import AutoConfig, AutoModelForCausalLM

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "test/fixtures/gguf"
HIDDEN, LAYERS, HEADS, GROUPS, HEAD, INTERMEDIATE = 64, 2, 4, 2, 16, 96
IDS = [5, 300, 17, 420, 9, 9, 81, 257, 600, 33, 4]
Q = gguf.GGMLQuantizationType


def paired(rows: np.ndarray, heads: int) -> np.ndarray:
    """The order of rows in llama files (convert_hf_to_gguf.py, LlamaModel.permute)."""
    shape = rows.shape
    return rows.reshape(heads, 2, shape[0] // heads // 2, *shape[1:]).swapaxes(1, 2).reshape(shape)


def add_tokenizer(writer: gguf.GGUFWriter, shape: str, pre: str, begin: bool) -> int:
    content = json.loads((ROOT / f"test/fixtures/tokenizer/{shape}.json").read_text(encoding="utf-8"))
    added = {token["content"]: token for token in content["added_tokens"]}
    ids = {**content["model"]["vocab"], **{name: token["id"] for name, token in added.items()}}
    tokens = sorted(ids, key=ids.get)
    kinds = {True: gguf.TokenType.CONTROL, False: gguf.TokenType.USER_DEFINED}
    types = [kinds[added[token]["special"]] if token in added else gguf.TokenType.NORMAL for token in tokens]
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre(pre)
    writer.add_token_list(tokens)
    writer.add_token_types(types)
    writer.add_token_merges([" ".join(merge) for merge in content["model"]["merges"]])
    if begin:
        writer.add_bos_token_id(content["added_tokens"][0]["id"])
    writer.add_eos_token_id(content["added_tokens"][1]["id"])
    writer.add_add_bos_token(begin)
    return len(tokens)


def write_model(name: str, architecture: str, shape: str, pre: str, begin: bool, tied: bool, kind: Q) -> None:
    random = np.random.default_rng(sum(name.encode()))
    writer = gguf.GGUFWriter(FOLDER / f"{name}.gguf", architecture)
    vocabulary = add_tokenizer(writer, shape, pre, begin)
    writer.add_block_count(LAYERS)
    writer.add_context_length(256)
    writer.add_embedding_length(HIDDEN)
    writer.add_feed_forward_length(INTERMEDIATE)
    writer.add_head_count(HEADS)
    writer.add_head_count_kv(GROUPS)
    writer.add_key_length(HEAD)
    writer.add_value_length(HEAD)
    writer.add_rope_freq_base(50_000.0)
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_vocab_size(vocabulary)

    def add(tensor: str, values: np.ndarray, stored: Q) -> None:
        values = values.astype(np.float32)
        # Rows that are no whole blocks stay wide, as llama.cpp keeps them.
        if stored is Q.F32 or values.shape[-1] % gguf.GGML_QUANT_SIZES[stored][0] != 0:
            writer.add_tensor(tensor, values)
        else:
            writer.add_tensor(tensor, quants.quantize(values, stored), raw_dtype=stored)

    def matrix(*shape: int) -> np.ndarray:
        return random.normal(size=shape) / np.sqrt(shape[-1])

    def scale(size: int) -> np.ndarray:
        return 1 + 0.1 * random.normal(size=size)

    add("token_embd.weight", random.normal(size=(vocabulary, HIDDEN)) * 0.5, Q.Q8_0)
    for layer in range(LAYERS):
        prefix = f"blk.{layer}"
        query, key = matrix(HEADS * HEAD, HIDDEN), matrix(GROUPS * HEAD, HIDDEN)
        if architecture == "llama":
            query, key = paired(query, HEADS), paired(key, GROUPS)
        add(f"{prefix}.attn_norm.weight", scale(HIDDEN), Q.F32)
        add(f"{prefix}.attn_q.weight", query, kind)
        add(f"{prefix}.attn_k.weight", key, kind)
        add(f"{prefix}.attn_v.weight", matrix(GROUPS * HEAD, HIDDEN), kind)
        add(f"{prefix}.attn_output.weight", matrix(HIDDEN, HEADS * HEAD), kind)
        if architecture == "qwen2":
            for part, size in (("q", HEADS), ("k", GROUPS), ("v", GROUPS)):
                add(f"{prefix}.attn_{part}.bias", 0.1 * random.normal(size=size * HEAD), Q.F32)
        if architecture == "qwen3":
            add(f"{prefix}.attn_q_norm.weight", scale(HEAD), Q.F32)
            add(f"{prefix}.attn_k_norm.weight", scale(HEAD), Q.F32)
        add(f"{prefix}.ffn_norm.weight", scale(HIDDEN), Q.F32)
        add(f"{prefix}.ffn_gate.weight", matrix(INTERMEDIATE, HIDDEN), kind)
        add(f"{prefix}.ffn_up.weight", matrix(INTERMEDIATE, HIDDEN), kind)
        add(f"{prefix}.ffn_down.weight", matrix(HIDDEN, INTERMEDIATE), kind)
    add("output_norm.weight", scale(HIDDEN), Q.F32)
    if not tied:
        add("output.weight", matrix(vocabulary, HIDDEN), kind)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()

    config = AutoConfig.from_pretrained(FOLDER, gguf_file=f"{name}.gguf")
    # The loader passes over attention.key_length.
    config.head_dim = HEAD
    model = AutoModelForCausalLM.from_pretrained(
        FOLDER, gguf_file=f"{name}.gguf", config=config, dtype=torch.float32
    )
    with torch.no_grad():
        logits = model(torch.tensor([IDS])).logits[0]
    golden = {"ids": IDS, "columns": list(range(0, vocabulary, 40)), "logits": logits[:, ::40].tolist()}
    (FOLDER / f"{name}-golden.json").write_text(json.dumps(golden) + "\n")
    print(name, (FOLDER / f"{name}.gguf").stat().st_size, "bytes", model.config.model_type, logits.std().item())


def write_blocks() -> None:
    """Random bytes with scales of a usual size: any bytes are a valid block."""
    random = np.random.default_rng(4)
    golden = {}
    for kind in (Q.F16, Q.BF16, Q.Q4_0, Q.Q4_1, Q.Q5_0, Q.Q5_1, Q.Q8_0, Q.Q4_K, Q.Q5_K, Q.Q6_K):
        block, size = gguf.GGML_QUANT_SIZES[kind]
        count = max(2, 8 // block)
        blocks = random.integers(0, 256, size=(count, size), dtype=np.uint8)
        scale = np.array([0.0123, -0.5], dtype=np.float16).view(np.uint8).reshape(2, 2)
        at = {Q.Q6_K: [208], Q.F16: [], Q.BF16: []}.get(kind, [0, 2] if kind.name in ("Q4_1", "Q5_1", "Q4_K", "Q5_K") else [0])
        for number, start in enumerate(at):
            blocks[:, start : start + 2] = scale[number]
        if kind in (Q.F16, Q.BF16):
            values = random.normal(size=count).astype(np.float32)
            blocks = quants.quantize(values, kind).view(np.uint8)
        stored = quants.dequantize(blocks.reshape(1, -1), kind).astype(np.float32).reshape(-1)
        golden[kind.name] = {
            "bytes": base64.b64encode(blocks.tobytes()).decode(),
            "values": base64.b64encode(stored.astype("<f4").tobytes()).decode(),
        }
    (FOLDER / "blocks.json").write_text(json.dumps(golden, indent=1) + "\n")


def main() -> None:
    FOLDER.mkdir(parents=True, exist_ok=True)
    write_blocks()
    write_model("llama", "llama", "smollm2", "smollm", begin=False, tied=True, kind=Q.Q4_1)
    write_model("llama3", "llama", "llama3", "llama-bpe", begin=True, tied=False, kind=Q.Q8_0)
    write_model("qwen2", "qwen2", "qwen", "qwen2", begin=False, tied=True, kind=Q.F16)
    write_model("qwen3", "qwen3", "qwen", "qwen2", begin=False, tied=True, kind=Q.Q5_0)


if __name__ == "__main__":
    main()
