"""Logits of the next token that transformers computes, for scripts/checkSmollm2.ts.

    python -m venv VENV && VENV/bin/pip install torch==2.15.0 transformers==5.23.0 gguf==0.19.0
    npm run check:smollm2 -- --python VENV/bin/python

Arguments: the GGUF file, the folder that it was converted to, token ids as JSON, and a file for the logits: float32,
first those of the folder, then those of the file as transformers' own GGUF loader reads it.
"""

import json
import sys
from pathlib import Path

import torch
from transformers import AutoModelForCausalLM


def main() -> None:
    file, folder, ids, output = Path(sys.argv[1]), sys.argv[2], json.loads(sys.argv[3]), sys.argv[4]
    models = [
        AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32),
        AutoModelForCausalLM.from_pretrained(file.parent, gguf_file=file.name, dtype=torch.float32),
    ]
    with torch.no_grad():
        logits = torch.stack([model(torch.tensor([ids])).logits[0] for model in models])
    logits.numpy().astype("<f4").tofile(output)


if __name__ == "__main__":
    main()
