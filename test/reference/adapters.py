"""Golden values for test/unit/models/backbones/lora.test.ts: logits, loss and every gradient of LoRA adapters and the head,
with hard and soft targets, as PyTorch, transformers and PEFT compute them in float32.

    pip install torch transformers peft safetensors
    python test/reference/adapters.py test/fixtures/decoders

Written with torch 2.15.0, transformers 5.23.0 and peft 0.21.2, on the frozen decoders that decoders.py wrote into the same
folders. For each case a file adapter.safetensors: the adapter's tensors and the head under PEFT's names without
"base_model.model.", ids, targets, weights; logits, loss, "gradient of NAME"; rank and alpha in its metadata."""

import sys
from pathlib import Path

import torch
from peft import LoraConfig, TaskType, get_peft_model
from safetensors.torch import save_file
from transformers import AutoModelForTokenClassification

BATCH, LENGTH = 2, 12
RANK, ALPHA = 3, 5
TARGETS = ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"]
CASES = ["qwen3", "qwen2", "llama-biased", "mistral"]


def main(target: Path) -> None:
    for name in CASES:
        torch.manual_seed(20261122)
        base = AutoModelForTokenClassification.from_pretrained(
            target / name, attn_implementation="eager", dtype=torch.float32
        )
        with torch.no_grad():
            base.score.bias.zero_()
        settings = LoraConfig(
            task_type=TaskType.TOKEN_CLS, r=RANK, lora_alpha=ALPHA, lora_dropout=0.0, target_modules=TARGETS
        )
        model = get_peft_model(base, settings).eval()
        trained = {
            key.removeprefix("base_model.model.").replace(".default.", ".").replace("modules_to_save.", ""): value
            for key, value in model.named_parameters()
            if value.requires_grad and not key.endswith("score.modules_to_save.default.bias")
        }
        # B starts at zero: every term has to count.
        with torch.no_grad():
            for value in trained.values():
                value.add_(torch.randn_like(value) * 0.3)
        ids = torch.randint(0, base.config.vocab_size, (BATCH, LENGTH))
        # Hard targets (0 and 1) and soft ones between.
        targets = torch.rand(BATCH * LENGTH)
        targets = torch.where(torch.rand(BATCH * LENGTH) < 0.5, targets.round(), targets)
        weights = torch.rand(BATCH * LENGTH) * (torch.rand(BATCH * LENGTH) < 0.7)
        logits = model(input_ids=ids).logits.reshape(-1, 2)
        margin = logits[:, 1] - logits[:, 0]
        losses = torch.nn.functional.binary_cross_entropy_with_logits(margin, targets, reduction="none")
        loss = (losses * weights).sum() / weights.sum()
        loss.backward()
        golden = {
            "ids": ids.reshape(-1).to(torch.float32),
            "targets": targets,
            "weights": weights,
            "logits": logits.detach(),
            "loss": loss.detach().reshape(1),
        }
        golden |= {key: value.detach() for key, value in trained.items()}
        golden |= {f"gradient of {key}": value.grad for key, value in trained.items()}
        metadata = {"rank": str(RANK), "alpha": str(ALPHA)}
        save_file(
            {key: value.contiguous() for key, value in golden.items()},
            target / name / "adapter.safetensors",
            metadata=metadata,
        )


main(Path(sys.argv[1]))
