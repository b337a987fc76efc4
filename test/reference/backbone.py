"""Writes test/fixtures/backbone: a small random Llama-shaped token classifier as transformers stores it (bfloat16, two
shards, a byte-level BPE tokenizer with a beginning-of-text token), and golden.json: what TRL's PRMTrainer makes of some rows, and
the probability that each step is correct.

    pip install torch transformers safetensors tokenizers
    pip download --no-deps trl==0.24.0 && unzip trl-0.24.0-py3-none-any.whl
    python test/reference/backbone.py trl/trainer/prm_trainer.py test/fixtures/backbone GSM8K_TRAIN.jsonl

Written with torch 2.15.0, transformers 5.23.0, tokenizers 0.23.3; the tokenizer is trained on the first 300 rows of GSM8K's training
split (openai/grade-school-math, MIT), and the golden rows are its rows 300 to 303."""

import ast
import json
import sys
from itertools import chain
from pathlib import Path

import torch
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, processors, trainers
from transformers import AutoModelForTokenClassification, LlamaConfig, PreTrainedTokenizerFast

SEPARATOR = "\n"


def trl_tokenize_row(source: str):
    """PRMTrainer.tokenize_row out of TRL's source: importing the whole trainer would need its other dependencies."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef) and node.name == "tokenize_row":
            node.decorator_list = []
            namespace = {"chain": chain}
            exec(compile(ast.Module([node], []), "prm_trainer.py", "exec"), namespace)
            return namespace["tokenize_row"]
    raise LookupError("tokenize_row")


def train_tokenizer(texts: list[str]) -> PreTrainedTokenizerFast:
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    trainer = trainers.BpeTrainer(vocab_size=512, special_tokens=["<s>", "</s>"], initial_alphabet=alphabet)
    tokenizer.train_from_iterator(texts, trainer)
    tokenizer.post_processor = processors.TemplateProcessing(single="<s> $A", special_tokens=[("<s>", 0)])
    return PreTrainedTokenizerFast(tokenizer_object=tokenizer, bos_token="<s>", eos_token="</s>", pad_token="</s>")


def main(trl_file: Path, folder: Path, gsm8k: Path) -> None:
    rows = [json.loads(line) for line in gsm8k.read_text().splitlines()[:304]]
    tokenizer = train_tokenizer([row["question"] + "\n" + row["answer"] for row in rows[:300]])
    torch.manual_seed(7)
    config = LlamaConfig(
        vocab_size=512,
        hidden_size=32,
        intermediate_size=48,
        num_hidden_layers=2,
        num_attention_heads=4,
        num_key_value_heads=2,
        max_position_embeddings=1024,
        num_labels=2,
        pad_token_id=None,
        bos_token_id=0,
        eos_token_id=1,
    )
    model = AutoModelForTokenClassification.from_config(config)
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.add_(torch.randn_like(parameter) * 0.2)
        model.score.bias.zero_()
    folder.mkdir(parents=True, exist_ok=True)
    model.to(torch.bfloat16).save_pretrained(folder, max_shard_size="40KB")
    tokenizer.backend_tokenizer.save(str(folder / "tokenizer.json"))

    scorer = AutoModelForTokenClassification.from_pretrained(folder, dtype=torch.float32, attn_implementation="eager").eval()
    tokenize_row = trl_tokenize_row(trl_file.read_text())
    golden = []
    for row in rows[300:]:
        steps = row["answer"].split("\n")
        features = {"prompt": row["question"], "completions": steps, "labels": [True] * len(steps)}
        encoded = tokenize_row(features, tokenizer, SEPARATOR, None, None, None, False, False)
        ids = encoded["input_ids"]
        # transformers 4 labels the ids alone; the beginning token is one more.
        labels = [-100] * (len(ids) - len(encoded["labels"])) + encoded["labels"]
        with torch.no_grad():
            logits = scorer(input_ids=torch.tensor([ids])).logits[0]
        scores = [logits[i].softmax(-1)[1].item() for i, label in enumerate(labels) if label != -100]
        golden.append({"problem": row["question"], "steps": steps, "ids": ids, "scores": scores})
    lines = ",\n".join(json.dumps(row, ensure_ascii=False) for row in golden)
    (folder / "golden.json").write_text(f"[\n{lines}\n]\n")


main(*map(Path, sys.argv[1:]))
