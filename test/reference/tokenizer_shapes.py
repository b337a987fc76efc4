"""Writes test/fixtures/tokenizer/SHAPE.json and SHAPE-golden.json: small tokenizers of the shapes that the supported
language models have, and the ids that the native Hugging Face library gives with them.

    python -m venv VENV && VENV/bin/pip install tokenizers==0.23.3
    VENV/bin/python test/reference/tokenizer_shapes.py GSM8K_TRAIN.jsonl

A shape is everything in a tokenizer.json but the learned vocabulary: normalizer, pre-tokenizer, post-processor, decoder,
added tokens and the settings of the model, as in the tokenizer.json of the models named. The vocabularies are learned
from GSM8K's training split (openai/grade-school-math, MIT) and from the texts below, and are small enough to commit.
"""

import json
import random
import sys
from pathlib import Path

from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "test/fixtures/tokenizer"
VOCABULARY = 800
# Letters and signs whose bytes begin as those of digits do, often enough to be merged with a space before them: only then
# does a digit that is cut in another way get other ids.
NEIGHBOURS = [" £ © ® ° · « » → ™ … — “x” ⅓ مرحبا بكم नमस्ते hello，world！ 日本 ᾱ 𝒙 𝒚"] * 40

GPT4 = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|DIGITS| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
)
WRITTEN = [
    "",
    " ",
    "  ",
    "\n\n\t x  y   z \r\n",
    "\n 12345\n\n 6",
    " leading and trailing ",
    "1234567890 3.14 1,200 -5",
    "$19.50 x 25% = 4.875",
    "\\frac{1}{2} \\times 8 = 4, \\boxed{4}",
    "Größe, naïve, Ελληνικά, русский, 日本語, 한국어, العربية, ไทย",
    "nai\u0308ve cafe\u0301 \u1100\u1161\u11a8 \ufb01",
    "½ ² ³ ٣٤ १२ Ⅻ ①② 三 １２３ 𝟙𝟚 5½ x² a٣",
    "🎉👩‍👩‍👧 ™ \u00a0 \u2003 \ufeff \u0085 \u200b end",
    "don't they're I'll we've he'd I'm 's DON'T THEY'RE I'LL ſ'ſ",
    "__init__ a_b -- -> => ... !!! ?!\n//\n",
    "▁under▁ a▁b <0x41>",
    "a" * 101,
    " <|im_start|> <|step|> <s> </s> <unk> [INST] <|begin_of_text|>",
    "\u0000\u0001\x7f\ud7ff\ue000\uffff",
]


def byte_level(use_regex: bool) -> pre_tokenizers.PreTokenizer:
    return pre_tokenizers.ByteLevel(add_prefix_space=False, trim_offsets=True, use_regex=use_regex)


def gpt4(digits: str) -> pre_tokenizers.PreTokenizer:
    pattern = Regex(GPT4.replace("DIGITS", digits))
    return pre_tokenizers.Sequence([pre_tokenizers.Split(pattern, "isolated"), byte_level(False)])


def special(*contents: str) -> list[AddedToken]:
    return [AddedToken(content, special=True, normalized=False) for content in contents]


def learn(tokenizer: Tokenizer, texts: list[str], **settings) -> None:
    trainer = trainers.BpeTrainer(vocab_size=VOCABULARY, show_progress=False, **settings)
    tokenizer.train_from_iterator(texts, trainer)


def smollm2(texts: list[str]) -> Tokenizer:
    """HuggingFaceTB/SmolLM2: digits stand alone, then GPT-2's pattern; special tokens first in the vocabulary."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [pre_tokenizers.Digits(individual_digits=True), byte_level(True)]
    )
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.post_processor = processors.ByteLevel(trim_offsets=True)
    learn(
        tokenizer,
        texts,
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        special_tokens=special("<|endoftext|>", "<|im_start|>", "<|im_end|>"),
    )
    return tokenizer


def qwen(texts: list[str]) -> Tokenizer:
    """Qwen/Qwen2, Qwen2.5, Qwen3: NFC, GPT-4's pattern with single digits; added tokens behind the vocabulary, not all special."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.normalizer = normalizers.NFC()
    tokenizer.pre_tokenizer = gpt4(r"\p{N}")
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.post_processor = processors.ByteLevel(trim_offsets=False)
    learn(tokenizer, texts, initial_alphabet=pre_tokenizers.ByteLevel.alphabet())
    tokenizer.add_special_tokens(special("<|endoftext|>", "<|im_start|>", "<|im_end|>"))
    tokenizer.add_tokens([AddedToken("<think>", normalized=False), AddedToken("</think>", normalized=False)])
    return tokenizer


def llama3(texts: list[str]) -> Tokenizer:
    """meta-llama/Llama-3: GPT-4's pattern with up to three digits, words that are tokens taken whole, a beginning token."""
    tokenizer = Tokenizer(models.BPE(ignore_merges=True))
    tokenizer.pre_tokenizer = gpt4(r"\p{N}{1,3}")
    tokenizer.decoder = decoders.ByteLevel()
    learn(tokenizer, texts, initial_alphabet=pre_tokenizers.ByteLevel.alphabet())
    tokenizer.add_special_tokens(special("<|begin_of_text|>", "<|end_of_text|>", "<|eot_id|>"))
    begin = tokenizer.token_to_id("<|begin_of_text|>")
    tokenizer.post_processor = processors.Sequence(
        [
            processors.ByteLevel(trim_offsets=True),
            processors.TemplateProcessing(
                single="<|begin_of_text|> $A",
                pair="<|begin_of_text|> $A <|begin_of_text|>:1 $B:1",
                special_tokens=[("<|begin_of_text|>", begin)],
            ),
        ]
    )
    return tokenizer


def mistral(texts: list[str], metaspace: bool) -> Tokenizer:
    """mistralai/Mistral-7B and Llama 2: SentencePiece's BPE with bytes for what has no token. Older files put the ▁ in by a
    normalizer, newer ones (v0.3) by a Metaspace pre-tokenizer."""
    # The first ids of SentencePiece; the trainer keeps their order.
    bytes_ = [f"<0x{byte:02X}>" for byte in range(256)]
    first = ["<unk>", "<s>", "</s>", *bytes_]
    tokenizer = Tokenizer(models.BPE(unk_token="<unk>", fuse_unk=True, byte_fallback=True))
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace("▁", prepend_scheme="first", split=True)
    letters = [chr(code) for code in range(32, 127)]
    learn(tokenizer, texts, initial_alphabet=letters, limit_alphabet=len(letters) + 10, special_tokens=first)
    content = json.loads(tokenizer.to_str())
    content["added_tokens"] = [token for token in content["added_tokens"] if token["id"] < 3]
    if metaspace:
        content["pre_tokenizer"] = {"type": "Metaspace", "replacement": "▁", "prepend_scheme": "first", "split": False}
    else:
        content["pre_tokenizer"] = None
        content["normalizer"] = {
            "type": "Sequence",
            "normalizers": [
                {"type": "Prepend", "prepend": "▁"},
                {"type": "Replace", "pattern": {"String": " "}, "content": "▁"},
            ],
        }
    content["decoder"] = {
        "type": "Sequence",
        "decoders": [
            {"type": "Replace", "pattern": {"String": "▁"}, "content": " "},
            {"type": "ByteFallback"},
            {"type": "Fuse"},
            {"type": "Strip", "content": " ", "start": 1, "stop": 0},
        ],
    }
    tokenizer = Tokenizer.from_str(json.dumps(content))
    tokenizer.post_processor = processors.TemplateProcessing(
        single="<s> $A", pair="<s> $A <s>:1 $B:1", special_tokens=[("<s>", 1)]
    )
    return tokenizer


def without_special(tokenizer: Tokenizer) -> Tokenizer:
    """Text that spells a special token is text to us, so the golden ids come from a tokenizer that does not know them."""
    content = json.loads(tokenizer.to_str())
    content["added_tokens"] = [token for token in content["added_tokens"] if not token["special"]]
    return Tokenizer.from_str(json.dumps(content))


def random_texts(count: int) -> list[str]:
    """Any characters, most of them where scripts, digits and spaces lie; surrogates are none."""
    source = random.Random(0)
    ranges = [(0x20, 0x7F), (0x09, 0x0D), (0xA0, 0x24F), (0x300, 0x36F), (0x660, 0x669), (0x2000, 0x206F), (0x2150, 0x218F)]
    ranges += [(0x3040, 0x30FF), (0xAC00, 0xAC20), (0x1F600, 0x1F640), (0x1D7CE, 0x1D7FF)]

    def character() -> str:
        low, high = source.choice(ranges)
        return chr(source.randint(low, high))

    return ["".join(character() for _ in range(source.randint(1, 30))) for _ in range(count)]


def main() -> None:
    rows = [json.loads(line) for line in open(sys.argv[1], encoding="utf-8")]
    corpus = [row[field] for row in rows[:400] for field in ("question", "answer")] + NEIGHBOURS + WRITTEN[5:13]
    texts = WRITTEN + [row[field] for row in rows[500::1500] for field in ("question", "answer")] + random_texts(40)
    shapes = {
        "smollm2": smollm2(corpus),
        "qwen": qwen(corpus),
        "llama3": llama3(corpus),
        "mistral": mistral(corpus, metaspace=False),
        "mistral-v3": mistral(corpus, metaspace=True),
    }
    for name, tokenizer in shapes.items():
        content = json.loads(tokenizer.to_str())
        (FOLDER / f"{name}.json").write_text(json.dumps(content, ensure_ascii=False) + "\n", encoding="utf-8")
        native = without_special(tokenizer)
        golden = [{"text": text, "ids": native.encode(text, add_special_tokens=False).ids} for text in texts]
        beginning = tokenizer.encode("1", add_special_tokens=True).ids
        beginning = beginning[: len(beginning) - len(native.encode("1", add_special_tokens=False).ids)]
        lines = [json.dumps(row, ensure_ascii=False) for row in golden]
        text = json.dumps({"beginning": beginning, "size": tokenizer.get_vocab_size()}) + "\n" + "\n".join(lines) + "\n"
        (FOLDER / f"{name}-golden.jsonl").write_text(text, encoding="utf-8")
        print(f"{name}: {tokenizer.get_vocab_size()} tokens, {len(texts)} texts, beginning {beginning}")


if __name__ == "__main__":
    main()
