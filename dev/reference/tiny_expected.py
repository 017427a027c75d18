"""Writes tiny-expected.ndjson: what the tiny models return for a few texts, computed by plain numpy.

usage: tiny_expected.py OUTPUT_FOLDER
"""

import json
import sys
from pathlib import Path

import numpy

import tiny_weights as weights
from float32_json import shortest
from tiny_models import POISON_IDS
from tiny_tokenizer import FILE as TOKENIZER_FILE
from tiny_tokenizer import tokenizer

TEXTS = [
    "water",
    "The dog bites the man, and the man bites the dog.",
    "Zürich 2024: a NAÏVE farmer sold 3 horses!",
    "search 日本 for the open bank account",
    "In the summer the river runs low and the farmer walks along the bank. " * 5,
]
POISONED = "The king drinks poison and the queen finds milk."

# ONNX's default.
LAYER_NORMALIZATION_EPSILON = 1e-5

POOLINGS = {
    "Mean": lambda hidden: hidden.mean(axis=0),
    "CLS": lambda hidden: hidden[0],
    "LastToken": lambda hidden: hidden[-1],
}


def token_embeddings(ids):
    return weights.TOKENS[numpy.array(ids) % weights.ROWS].astype(numpy.float64)


def positioned_tokens(ids):
    return token_embeddings(ids) * weights.GAINS[numpy.arange(len(ids)) % weights.POSITIONS]


def hidden_states(ids, types):
    """float64 [tokens, 8]"""
    states = positioned_tokens(ids) + (weights.TYPES[0] if types else 0)
    return states + states.mean(axis=0) * weights.MIX


def normalized(states):
    centered = states - states.mean(axis=-1, keepdims=True)
    variance = (centered**2).mean(axis=-1, keepdims=True)
    return centered / numpy.sqrt(variance + LAYER_NORMALIZATION_EPSILON) * weights.SCALE + weights.SHIFT


def dense(states):
    return states @ weights.DENSE + weights.BIAS


def residual(ids):
    embedded = normalized(positioned_tokens(ids))
    return normalized(embedded + dense(embedded))


def broadcast(ids):
    tokens = positioned_tokens(ids)
    return normalized(normalized(tokens) + dense(tokens.mean(axis=0)))


def sentence_embedding(ids):
    return positioned_tokens(ids).mean(axis=0) * weights.HEAD


def unit(vector):
    return vector / numpy.linalg.norm(vector)


def poisonable(ids):
    return numpy.full((len(ids), weights.SIZE), numpy.nan) if set(ids) & set(POISON_IDS) else hidden_states(ids, True)


HIDDEN = {
    ("tiny-hidden-state.onnx", "last_hidden_state"): lambda ids: hidden_states(ids, True),
    ("tiny-two-inputs.onnx", "last_hidden_state"): lambda ids: hidden_states(ids, False),
    ("tiny-pooled.onnx", "token_embeddings"): lambda ids: hidden_states(ids, False),
    ("tiny-float16.onnx", "last_hidden_state"): lambda ids: hidden_states(ids, True).astype(numpy.float16),
    ("tiny-int32.onnx", "last_hidden_state"): lambda ids: hidden_states(ids, True),
    ("tiny-nan.onnx", "last_hidden_state"): poisonable,
    ("tiny-fast.onnx", "last_hidden_state"): token_embeddings,
    ("tiny-residual.onnx", "last_hidden_state"): residual,
    ("tiny-residual-external.onnx", "last_hidden_state"): residual,
    ("tiny-broadcast.onnx", "last_hidden_state"): broadcast,
}

POOLED = {
    ("tiny-pooled.onnx", "sentence_embedding"): sentence_embedding,
    ("tiny-pooled-only.onnx", "sentence_embedding"): lambda ids: unit(sentence_embedding(ids)),
}


def lines(text, ids):
    """One line for each model, output, pooling (null where the model pools) and whether the vector is normalised."""
    for (model, output), hidden in HIDDEN.items():
        for pooling, pool in POOLINGS.items():
            yield from both(model, output, pooling, text, ids, pool(hidden(ids).astype(numpy.float64)))
    for (model, output), embedding in POOLED.items():
        yield from both(model, output, None, text, ids, embedding(ids))


def both(model, output, pooling, text, ids, vector):
    for normalized in (False, True):
        chosen = unit(vector) if normalized else vector
        yield {
            "model": model,
            "output": output,
            "pooling": pooling,
            "normalized": normalized,
            "tokenizer": TOKENIZER_FILE,
            "text": text,
            "token_ids": ids,
            "vector": shortest(chosen) if numpy.isfinite(chosen).all() else None,
        }


def main(output_folder):
    made = tokenizer()
    path = Path(output_folder, "tiny-expected.ndjson")
    with open(path, "w", encoding="utf-8", newline="\n") as file:
        for text in [*TEXTS, POISONED]:
            for line in lines(text, made.encode(text).ids):
                if text is not POISONED or line["model"] == "tiny-nan.onnx":
                    file.write(json.dumps(line, ensure_ascii=False, separators=(",", ":")) + "\n")
    print(f"{path.name}: {path.stat().st_size} bytes")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: tiny_expected.py OUTPUT_FOLDER")
    main(sys.argv[1])
