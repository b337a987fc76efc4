"""The same training in Python, for `npm run bench lora` and `prm train` to be compared with: PyTorch and PEFT, or TRL's PRMTrainer.

    pip install torch transformers peft accelerate datasets
    pip install --no-deps --target TRL trl==0.24.0        # the last one with PRMTrainer; PYTHONPATH=TRL
    python test/reference/peer_lora.py step [--recompute] [--steps 5] [--batch 4] [--length 256]
    python test/reference/peer_lora.py model FOLDER       # random weights and mini's tokenizer, for the two below
    python test/reference/peer_lora.py trl FOLDER prm_train.jsonl [--rows 64]

`step` times a LoRA step (rank 16, every linear layer, float32) on a backbone of SmolLM2-135M's shape, and between the steps a
2048 x 2048 product, so that other work on the machine weighs on both alike. `trl` trains one epoch of the first rows of
formatted data; set against it

    prm train --model_name FOLDER --method lora --data DATA --max_examples 64 --num_epochs 1 --output_dir RUN

Threads: --threads, else 2. Measured with torch 2.15.0, transformers 5.23.0, peft 0.21.2, trl 0.24.0."""

import argparse
import json
import os
import resource
import statistics
import time
import warnings
from pathlib import Path

import torch
from peft import LoraConfig, TaskType, get_peft_model
from transformers import AutoModelForTokenClassification, LlamaConfig, PreTrainedTokenizerFast

TARGETS = ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"]
PRODUCT = 2048


def smollm2_135m(vocabulary: int = 49152) -> LlamaConfig:
    return LlamaConfig(
        vocab_size=vocabulary,
        hidden_size=576,
        intermediate_size=1536,
        num_hidden_layers=30,
        num_attention_heads=9,
        num_key_value_heads=3,
        max_position_embeddings=8192,
        rms_norm_eps=1e-5,
        rope_parameters={"rope_type": "default", "rope_theta": 100000.0},
        tie_word_embeddings=True,
        num_labels=2,
        pad_token_id=0,
        use_cache=False,
    )


def adapters() -> LoraConfig:
    return LoraConfig(task_type=TaskType.TOKEN_CLS, r=16, lora_alpha=32, lora_dropout=0.0, target_modules=TARGETS)


def peak_megabytes() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e6


def step(arguments: argparse.Namespace) -> None:
    torch.manual_seed(0)
    model = get_peft_model(AutoModelForTokenClassification.from_config(smollm2_135m()), adapters())
    model.config.use_cache = False
    if arguments.recompute:
        model.gradient_checkpointing_enable({"use_reentrant": False})
        model.enable_input_require_grads()
    model.train()
    trained = [parameter for parameter in model.parameters() if parameter.requires_grad]
    optimizer = torch.optim.AdamW(trained, lr=1e-4, weight_decay=0.01)
    tokens = arguments.batch * arguments.length
    ids = torch.randint(0, 49152, (arguments.batch, arguments.length))
    labels = torch.full((arguments.batch, arguments.length), -100)
    labels[:, 31::32] = torch.randint(0, 2, labels[:, 31::32].shape)
    left, right = torch.full((PRODUCT, PRODUCT), 0.5), torch.full((PRODUCT, PRODUCT), 0.5)

    times, products = [], []
    for index in range(arguments.steps + 1):
        best = min(timed(lambda: left @ right) for _ in range(2))

        def one() -> None:
            loss = model(input_ids=ids, labels=labels).loss
            loss.backward()
            torch.nn.utils.clip_grad_norm_(trained, 1.0)
            optimizer.step()
            optimizer.zero_grad()

        taken = timed(one)
        if index > 0:
            times.append(taken)
            products.append(best)
    middle = statistics.median(times)
    rate = 2 * PRODUCT**3 / statistics.median(products) / 1e9
    print(
        f"PyTorch, 4 PN: {tokens / middle:.0f} tokens/s, {middle * 1000:.0f} ms a step "
        f"({min(times) * 1000:.0f} best), product {rate:.1f} Gflop/s, {peak_megabytes():.0f} MB at most"
    )


def timed(work) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def mini_tokenizer() -> PreTrainedTokenizerFast:
    file = Path(__file__).parents[2] / "server/assets/mini/tokenizer.json"
    tokenizer = PreTrainedTokenizerFast(tokenizer_file=str(file))
    tokenizer.pad_token = tokenizer.convert_ids_to_tokens(0)
    return tokenizer


def write_model(arguments: argparse.Namespace) -> None:
    torch.manual_seed(0)
    model = AutoModelForTokenClassification.from_config(smollm2_135m(), dtype=torch.float32)
    model.save_pretrained(arguments.folder)
    mini_tokenizer().save_pretrained(arguments.folder)


def trl(arguments: argparse.Namespace) -> None:
    os.environ["TRL_EXPERIMENTAL_SILENCE"] = "1"
    warnings.filterwarnings("ignore")
    from datasets import Dataset
    from trl import PRMConfig, PRMTrainer

    paths: dict[tuple[str, ...], list[int]] = {}
    for line in Path(arguments.data).read_text().splitlines():
        row = json.loads(line)
        key = (row["problem"], *row["reasoning_path"])
        # A row labels the last step of its path: a path's labels come from the rows of its prefixes.
        labels = paths.get(key[:-1], []) if row["step_index"] else []
        paths[key] = [*labels, row["label"]]
    whole = [key for key in paths if not any(other[: len(key)] == key and other != key for other in paths)]
    whole = whole[: arguments.rows]
    rows = [
        {"prompt": key[0], "completions": list(key[1:]), "labels": [bool(label) for label in paths[key]]}
        for key in whole
        if len(paths[key]) == len(key) - 1
    ]
    tokenizer = mini_tokenizer()
    model = AutoModelForTokenClassification.from_pretrained(arguments.folder, dtype=torch.float32)
    config = PRMConfig(
        output_dir="/tmp/prm-peer-trl",
        per_device_train_batch_size=arguments.batch,
        num_train_epochs=1,
        learning_rate=1e-4,
        max_length=1024,
        step_separator="\n",
        report_to=[],
        save_strategy="no",
        use_cpu=True,
        bf16=False,
        disable_tqdm=True,
        logging_strategy="no",
        gradient_checkpointing=arguments.recompute,
    )
    trainer = PRMTrainer(
        model=model,
        args=config,
        train_dataset=Dataset.from_list(rows),
        processing_class=tokenizer,
        peft_config=adapters(),
    )
    tokens = sum(len(row["input_ids"]) for row in trainer.train_dataset)
    seconds = timed(trainer.train)
    print(
        f"TRL's PRMTrainer: {len(rows)} paths, {tokens} tokens, {seconds:.1f} s, "
        f"{tokens / seconds:.0f} tokens/s, {peak_megabytes():.0f} MB at most"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(required=True)
    for name, work, places in [("step", step, []), ("model", write_model, ["folder"]), ("trl", trl, ["folder", "data"])]:
        command = commands.add_parser(name)
        command.set_defaults(work=work)
        for place in places:
            command.add_argument(place)
        command.add_argument("--threads", type=int, default=2)
        command.add_argument("--steps", type=int, default=5)
        command.add_argument("--batch", type=int, default=4)
        command.add_argument("--length", type=int, default=256)
        command.add_argument("--rows", type=int, default=64)
        command.add_argument("--recompute", action="store_true")
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    arguments.work(arguments)


main()
