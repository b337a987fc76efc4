"""Golden values for test/unit/models/backbones/decoder.test.ts: logits, loss and every gradient of small random decoders,
as PyTorch and transformers compute them in float32.

    pip install torch transformers safetensors
    python test/reference/decoders.py test/fixtures/decoders

Written with torch 2.15.0 and transformers 5.23.0. For each case a folder with config.json, model.safetensors (weights under
Hugging Face names) and golden.safetensors (ids, labels, weights; logits, loss, "gradient of NAME")."""

import json
import sys
from pathlib import Path

import torch
from safetensors.torch import save_file
from transformers import AutoModelForTokenClassification, LlamaConfig, MistralConfig, Qwen2Config, Qwen3Config

BATCH, LENGTH = 2, 12
SHAPE = dict(
    vocab_size=24,
    hidden_size=16,
    intermediate_size=20,
    num_hidden_layers=2,
    num_attention_heads=4,
    num_key_value_heads=2,
    max_position_embeddings=64,
    num_labels=2,
    # With a padding token PyTorch leaves its row without a gradient.
    pad_token_id=None,
)
CASES = {
    "qwen3": Qwen3Config(**SHAPE, head_dim=8),
    "qwen3-sliding": Qwen3Config(
        **SHAPE, head_dim=8, attention_bias=True, use_sliding_window=True, sliding_window=5, max_window_layers=1
    ),
    "qwen2": Qwen2Config(**SHAPE),
    "llama": LlamaConfig(**SHAPE, tie_word_embeddings=True),
    "llama-biased": LlamaConfig(**SHAPE, attention_bias=True, mlp_bias=True, head_dim=6),
    "llama3": LlamaConfig(
        **SHAPE,
        rope_parameters={
            "rope_type": "llama3",
            "rope_theta": 500.0,
            "factor": 8.0,
            "low_freq_factor": 1.0,
            "high_freq_factor": 4.0,
            "original_max_position_embeddings": 32,
        },
    ),
    "llama-linear": LlamaConfig(**SHAPE, rope_parameters={"rope_type": "linear", "rope_theta": 10000.0, "factor": 4.0}),
    "qwen2-yarn": Qwen2Config(
        **SHAPE,
        rope_parameters={
            "rope_type": "yarn",
            "rope_theta": 100.0,
            "factor": 4.0,
            "original_max_position_embeddings": 16,
        },
    ),
    "mistral": MistralConfig(**SHAPE, sliding_window=4),
}


def main(target: Path) -> None:
    for name, config in CASES.items():
        torch.manual_seed(20261121)
        model = AutoModelForTokenClassification.from_config(config, attn_implementation="eager").float().eval()
        # Larger than the usual start, and no norm or bias at its neutral value: every term has to count.
        with torch.no_grad():
            for parameter in model.parameters():
                parameter.add_(torch.randn_like(parameter) * 0.3)
            model.score.bias.zero_()
        model.score.bias.requires_grad_(False)
        ids = torch.randint(0, config.vocab_size, (BATCH, LENGTH))
        labels = torch.randint(0, 2, (BATCH * LENGTH,))
        weights = torch.rand(BATCH * LENGTH) * (torch.rand(BATCH * LENGTH) < 0.7)
        logits = model(input_ids=ids).logits.reshape(-1, 2)
        losses = torch.nn.functional.cross_entropy(logits, labels, reduction="none")
        loss = (losses * weights).sum() / weights.sum()
        loss.backward()
        folder = target / name
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "config.json").write_text(json.dumps(config.to_dict(), indent=2, sort_keys=True) + "\n")
        trained = {key: value for key, value in model.named_parameters() if key != "score.bias"}
        save_file({key: value.detach().contiguous() for key, value in trained.items()}, folder / "model.safetensors")
        golden = {
            "ids": ids.reshape(-1).to(torch.float32),
            "labels": labels.to(torch.float32),
            "weights": weights,
            "logits": logits.detach(),
            "loss": loss.detach().reshape(1),
        }
        golden |= {f"gradient of {key}": value.grad for key, value in trained.items()}
        save_file({key: value.contiguous() for key, value in golden.items()}, folder / "golden.safetensors")


main(Path(sys.argv[1]))
