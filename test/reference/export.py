"""Adapters and exports against PEFT, transformers and (where it is installed) the Python package onnxruntime.

    pip install torch transformers peft safetensors

    python test/reference/export.py fixture
        Writes test/fixtures/adapter: a LoRA adapter and a head alone over test/fixtures/backbone, as PEFT stores them, and
        golden.json: the probability that each step is correct, by transformers in float32.

    npm run build && python test/reference/export.py check FOLDER
        Writes small random models of four architectures into FOLDER, an adapter over each as PEFT stores it, trains one with
        `prm train --method lora`, and exports all of them with `prm export-model`. Then compares the scores of `prm score`
        with those of PEFT over our adapter folder, of AutoModelForTokenClassification over the exported folder, and of
        onnxruntime over the exported ONNX file. Prints the largest differences; fails above 1e-3.

Written with torch 2.15.0, transformers 5.23.0, peft 0.21.2."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import torch
from peft import AutoPeftModelForTokenClassification, LoraConfig, PeftModel, get_peft_model
from transformers import (
    AutoModelForTokenClassification,
    LlamaConfig,
    MistralConfig,
    PreTrainedTokenizerFast,
    Qwen2Config,
    Qwen3Config,
)

ROOT = Path(__file__).resolve().parents[2]
BACKBONE = ROOT / "test/fixtures/backbone"
FIXTURE = ROOT / "test/fixtures/adapter"
SAMPLE = ROOT / "samples"
LIMIT = 1e-3
TARGETS = ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"]
SHAPE = dict(
    vocab_size=512,
    hidden_size=32,
    intermediate_size=48,
    num_hidden_layers=2,
    num_attention_heads=4,
    num_key_value_heads=2,
    max_position_embeddings=1024,
    num_labels=2,
    pad_token_id=None,
)
CASES = {
    "qwen3": Qwen3Config(**SHAPE, head_dim=16),
    "qwen2": Qwen2Config(**SHAPE),
    "llama": LlamaConfig(**SHAPE, tie_word_embeddings=True),
    "mistral": MistralConfig(**SHAPE, sliding_window=40),
}


def golden_rows() -> list[dict]:
    """Rows with problem, steps, ids as TRL writes them, and the positions of the scores: at the separators behind the steps."""
    tokenizer = PreTrainedTokenizerFast(tokenizer_file=str(BACKBONE / "tokenizer.json"))
    encode = lambda text: tokenizer.encode(text, add_special_tokens=False)  # noqa: E731
    rows = json.loads((BACKBONE / "golden.json").read_text())
    for row in rows:
        ids, row["positions"] = [row["ids"][0], *encode(row["problem"])], []
        for step in row["steps"]:
            ids += encode(step) + encode("\n")
            row["positions"].append(len(ids) - 1)
        assert ids == row["ids"]
    return rows


def scores(model, row: dict) -> list[float]:
    with torch.no_grad():
        logits = model.eval()(input_ids=torch.tensor([row["ids"]])).logits[0].float()
    return [torch.softmax(logits[position], -1)[1].item() for position in row["positions"]]


def peft_adapter(base: Path, folder: Path, config: LoraConfig, bias: float) -> None:
    """A random adapter as PEFT stores it: no factor and no head is left at its neutral value."""
    model = get_peft_model(AutoModelForTokenClassification.from_pretrained(base, dtype=torch.float32), config)
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            if parameter.requires_grad:
                parameter.copy_(torch.randn_like(parameter) * (bias if name.endswith("bias") else 0.15))
    model.save_pretrained(folder)
    (folder / "README.md").unlink()


def fixture() -> None:
    torch.manual_seed(11)
    shutil.rmtree(FIXTURE, ignore_errors=True)
    common = dict(task_type="TOKEN_CLS", modules_to_save=["score"])
    configs = {
        "lora": LoraConfig(r=4, lora_alpha=8, lora_dropout=0.05, target_modules=TARGETS, **common),
        "head": LoraConfig(r=1, lora_alpha=1, target_modules="dummy-target-modules", **common),
    }
    golden = {}
    for name, config in configs.items():
        peft_adapter(BACKBONE, FIXTURE / name, config, bias=0.5)
        file = FIXTURE / name / "adapter_config.json"
        content = json.loads(file.read_text())
        # As seen from the adapter's folder.
        content["base_model_name_or_path"] = "../../backbone"
        file.write_text(json.dumps(content, indent=2, sort_keys=True) + "\n")
        base = AutoModelForTokenClassification.from_pretrained(BACKBONE, dtype=torch.float32)
        model = PeftModel.from_pretrained(base, FIXTURE / name)
        golden[name] = [scores(model, row) for row in golden_rows()]
    (FIXTURE / "golden.json").write_text(json.dumps(golden) + "\n")
    (FIXTURE / "README.md").write_text(
        "Random adapters over `../backbone` as PEFT stores them, written by `test/reference/export.py`; `golden.json` holds the\n"
        "scores of that folder's golden rows.\n"
    )


def prm(*arguments: str | Path) -> str:
    command = ["node", ROOT / "dist/server/cli.cjs", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT)
    if done.returncode != 0:
        raise SystemExit(f"prm {' '.join(map(str, arguments))}\n{done.stderr}")
    return done.stdout


def prm_scores(folder: Path, row: dict, work: Path) -> list[float]:
    text = work / "text.steps"
    numbered = "\n".join(f"Step {number}: {step}" for number, step in enumerate(row["steps"], 1))
    text.write_text(f"{row['problem']}\n\n{numbered}\n")
    answer = json.loads(prm("score", "--model", folder, "--json", text))
    return [step["score"] for step in answer["steps"]]


def onnx_scores(folder: Path, rows: list[dict]) -> list[list[float]] | None:
    """All rows in one batch, padded on the right."""
    try:
        import numpy
        import onnxruntime
    except ImportError:
        return None
    session = onnxruntime.InferenceSession(str(folder / "model.onnx"), providers=["CPUExecutionProvider"])
    ids = numpy.zeros((len(rows), max(len(row["ids"]) for row in rows)), dtype=numpy.int64)
    for index, row in enumerate(rows):
        ids[index, : len(row["ids"])] = row["ids"]
    logits = torch.tensor(session.run(["logits"], {"input_ids": ids})[0])
    return [[torch.softmax(logits[i, at], -1)[1].item() for at in row["positions"]] for i, row in enumerate(rows)]


def difference(ours: list[list[float]], theirs: list[list[float]]) -> float:
    return max(abs(a - b) for one, other in zip(ours, theirs, strict=True) for a, b in zip(one, other, strict=True))


def small_model(name: str, folder: Path) -> None:
    torch.manual_seed(7)
    model = AutoModelForTokenClassification.from_config(CASES[name])
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.add_(torch.randn_like(parameter) * 0.15)
        model.score.bias.zero_()
    model.to(torch.bfloat16).save_pretrained(folder)
    tokenizer = PreTrainedTokenizerFast(tokenizer_file=str(BACKBONE / "tokenizer.json"), bos_token="<s>", eos_token="</s>")
    tokenizer.save_pretrained(folder)


def check(work: Path) -> None:
    rows = golden_rows()
    worst = 0.0
    work.mkdir(parents=True, exist_ok=True)
    prm("format", "--dataset", SAMPLE / "gsm8k-stepwise-sample.parquet", "--output_dir", work / "data", "--max_examples", "60", "--overwrite")
    for name in CASES:
        base, foreign, run = work / name, work / f"{name}-peft", work / f"{name}-run"
        for folder in (base, foreign, run):
            shutil.rmtree(folder, ignore_errors=True)
        small_model(name, base)
        config = LoraConfig(r=4, lora_alpha=8, target_modules=TARGETS, task_type="TOKEN_CLS", modules_to_save=["score"])
        peft_adapter(base, foreign, config, bias=0.3)
        prm(
            "train", "--model_name", base, "--data", work / "data", "--output_dir", run, "--method", "lora", "--lora_rank", "4",
            "--lora_targets", "q_proj,v_proj,down_proj", "--num_epochs", "2", "--learning_rate", "0.02", "--device", "cpu",
        )  # fmt: skip
        for kind, adapter in (("PEFT's adapter", foreign), ("our adapter", run / "best_model")):
            ours = [prm_scores(adapter, row, work) for row in rows]
            figures = {}
            peft = AutoPeftModelForTokenClassification.from_pretrained(adapter, dtype=torch.float32)
            figures["PEFT"] = difference(ours, [scores(peft, row) for row in rows])
            for form in ("hf", "onnx"):
                place = work / f"{adapter.parent.name}-{adapter.name}-{form}"
                shutil.rmtree(place, ignore_errors=True)
                prm("export-model", "--model", adapter, "--to", form, "--output_dir", place)
                if form == "hf":
                    merged, report = AutoModelForTokenClassification.from_pretrained(place, dtype=torch.float32, output_loading_info=True)
                    unused = {key: value for key, value in report.items() if value}
                    if unused:
                        raise SystemExit(f"{place}: {unused}")
                    figures["transformers"] = difference(ours, [scores(merged, row) for row in rows])
                else:
                    theirs = onnx_scores(place, rows)
                    if theirs is not None:
                        figures["onnxruntime"] = difference(ours, theirs)
            worst = max(worst, *figures.values())
            print(f"{name:8} {kind:15}", *(f"{key} {value:.1e}" for key, value in figures.items()), sep="  ")
    print(f"largest difference of a score: {worst:.1e}")
    if worst > LIMIT:
        raise SystemExit(1)


if sys.argv[1] == "fixture":
    fixture()
else:
    check(Path(sys.argv[2]))
