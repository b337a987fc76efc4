"""Writes test/fixtures/tokenizer/mini-golden.jsonl: ids of the native Hugging Face tokenizer for the mini model's file.

    python -m venv VENV && VENV/bin/pip install tokenizers==0.23.3
    VENV/bin/python test/reference/mini_tokenizer.py GSM8K_TRAIN.jsonl

The texts are every 500th question and answer of GSM8K's training split (openai/grade-school-math, MIT), and strings
written for this test: other scripts, emoji, white space, LaTeX.
"""

import json
import sys
from pathlib import Path

from tokenizers import Tokenizer

ROOT = Path(__file__).resolve().parents[2]
WRITTEN = [
    "",
    " ",
    "\n\n\t x  y   z \r\n",
    "1234567890 3.14 1,200 -5",
    "$19.50 x 25% = 4.875",
    "\\frac{1}{2} \\times 8 = 4, \\boxed{4}",
    "Größe, naïve, Ελληνικά, русский, 日本語, 한국어, العربية, ไทย",
    "🎉👩‍👩‍👧 ½ ² ™ \u00a0 \u2003 \ufeff \u0085 end",
    "don't they're I'll we've he'd I'm 's",
    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
]


def main() -> None:
    tokenizer = Tokenizer.from_file(str(ROOT / "server/assets/mini/tokenizer.json"))
    rows = [json.loads(line) for line in open(sys.argv[1], encoding="utf-8")]
    texts = WRITTEN + [row[field] for row in rows[::500] for field in ("question", "answer")]
    output = ROOT / "test/fixtures/tokenizer/mini-golden.jsonl"
    with open(output, "w", encoding="utf-8") as file:
        for text in texts:
            ids = tokenizer.encode(text, add_special_tokens=False).ids
            file.write(json.dumps({"text": text, "ids": ids}, ensure_ascii=False) + "\n")
    print(f"{output}: {len(texts)} texts")


main()
