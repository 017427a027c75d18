"""Writes the tiny ONNX models that exercise the loader: a few KB each, nothing trained, described in README.md.

usage: tiny_models.py OUTPUT_FOLDER
"""

import sys
from pathlib import Path

import numpy
import onnx
from onnx import TensorProto, helper, numpy_helper

import tiny_weights as weights
from tiny_tokenizer import VOCABULARY

OPSET = 17
IR_VERSION = 8
FLOAT, FLOAT16, INT32, INT64 = TensorProto.FLOAT, TensorProto.FLOAT16, TensorProto.INT32, TensorProto.INT64

# The word "poison" to tiny-tokenizer.json and to all-MiniLM-L6-v2; neither gives the other's id to any text.
POISON_IDS = [VOCABULARY.index("poison"), 9947]


class Graph:
    """Collects the nodes of one model. `add` returns the name of the node's only output."""

    def __init__(self, integers=INT64, floats=FLOAT):
        self.integers, self.floats = integers, floats
        self.nodes, self.constants, self.inputs, self.outputs = [], {}, [], []

    def add(self, operator, *inputs, output=None, **attributes):
        output = output or f"{operator.lower()}_{len(self.nodes)}"
        self.nodes.append(helper.make_node(operator, list(inputs), [output], **attributes))
        return output

    def constant(self, name, values):
        self.constants[name] = numpy_helper.from_array(numpy.asarray(values), name)
        return name

    def input(self, name, shape=("batch", "sequence"), element=None):
        self.inputs.append(helper.make_tensor_value_info(name, element or self.integers, list(shape)))
        return name

    def output(self, source, name, *shape):
        if self.floats == FLOAT:
            self.add("Identity", source, output=name)
        else:
            self.add("Cast", source, output=name, to=self.floats)
        self.outputs.append(helper.make_tensor_value_info(name, self.floats, ["batch", *shape]))

    def write(self, path):
        graph = helper.make_graph(self.nodes, path.stem, self.inputs, self.outputs, list(self.constants.values()))
        model = helper.make_model(
            graph,
            producer_name="embedding-operator",
            ir_version=IR_VERSION,
            opset_imports=[helper.make_opsetid("", OPSET)],
        )
        onnx.checker.check_model(model, full_check=True)
        path.write_bytes(model.SerializeToString(deterministic=True))


def element_type(graph):
    return numpy.int32 if graph.integers == INT32 else numpy.int64


def lookup(graph, name, table, indices):
    """The rows of a table as float32. The table itself is kept in the model's own precision."""
    half = graph.floats == FLOAT16
    rows = graph.add("Gather", graph.constant(name, table.astype(numpy.float16) if half else table), indices)
    return graph.add("Cast", rows, to=FLOAT) if half else rows


def token_rows(graph, ids):
    return graph.add("Mod", ids, graph.constant("rows", numpy.array(weights.ROWS, element_type(graph))))


def positioned_tokens(graph, ids):
    """float32 [batch, sequence, 8]: each token's row times the gain of its position."""
    tokens = lookup(graph, "tokens", weights.TOKENS, token_rows(graph, ids))
    shape = graph.add("Shape", ids)
    length = graph.add("Gather", shape, graph.constant("sequence_axis", numpy.int64(1)))
    zero, one = graph.constant("zero", numpy.int64(0)), graph.constant("one", numpy.int64(1))
    positions = graph.add("Range", zero, length, one)
    wrapped = graph.add("Mod", positions, graph.constant("positions", numpy.int64(weights.POSITIONS)))
    return graph.add("Mul", tokens, lookup(graph, "gains", weights.GAINS, wrapped))


def masked_mean(graph, states, mask):
    """float32 [batch, 1, 8]: the mean over the sequence of the states that are not padding."""
    axis = graph.constant("axis_1", numpy.array([1], numpy.int64))
    last = graph.constant("axis_2", numpy.array([2], numpy.int64))
    real = graph.add("Unsqueeze", graph.add("Cast", mask, to=FLOAT), last)
    total = graph.add("ReduceSum", graph.add("Mul", states, real), axis, keepdims=1)
    count = graph.add("ReduceSum", real, axis, keepdims=1)
    at_least_one = graph.add("Max", count, graph.constant("least", numpy.float32(1)))
    return graph.add("Div", total, at_least_one)


def hidden_states(graph, ids, mask, types=None):
    """float32 [batch, sequence, 8]: each token's state with a part of the text's mean added."""
    states = positioned_tokens(graph, ids)
    if types is not None:
        states = graph.add("Add", states, lookup(graph, "types", weights.TYPES, types))
    context = graph.add("Mul", masked_mean(graph, states, mask), graph.constant("mix", weights.MIX))
    return graph.add("Add", states, context)


def without_sequence(graph, states):
    return graph.add("Squeeze", states, graph.constant("axis_1", numpy.array([1], numpy.int64)))


def sentence_embedding(graph, ids, mask):
    """float32 [batch, 8]: a mean of its own through a head, so that no pooling of the hidden states equals it."""
    mean = without_sequence(graph, masked_mean(graph, positioned_tokens(graph, ids), mask))
    return graph.add("Mul", mean, graph.constant("head", weights.HEAD))


def hidden_state_model(**precision):
    graph = Graph(**precision)
    names = [graph.input(name) for name in ("input_ids", "attention_mask", "token_type_ids")]
    graph.output(hidden_states(graph, *names), "last_hidden_state", "sequence", weights.SIZE)
    return graph


def two_inputs_model():
    graph = Graph()
    ids, mask = graph.input("input_ids"), graph.input("attention_mask")
    graph.output(hidden_states(graph, ids, mask), "last_hidden_state", "sequence", weights.SIZE)
    return graph


def pooled_model():
    graph = Graph()
    ids, mask = graph.input("input_ids"), graph.input("attention_mask")
    hidden = hidden_states(graph, ids, mask)
    graph.output(hidden, "token_embeddings", "sequence", weights.SIZE)
    graph.output(sentence_embedding(graph, ids, mask), "sentence_embedding", weights.SIZE)
    return graph


def pooled_only_model():
    graph = Graph()
    ids, mask = graph.input("input_ids"), graph.input("attention_mask")
    embedding = sentence_embedding(graph, ids, mask)
    length = graph.add("ReduceL2", embedding, axes=[1], keepdims=1)
    graph.output(graph.add("Div", embedding, length), "sentence_embedding", weights.SIZE)
    return graph


def unknown_outputs_model():
    graph = Graph()
    ids, mask = graph.input("input_ids"), graph.input("attention_mask")
    mean = without_sequence(graph, masked_mean(graph, hidden_states(graph, ids, mask), mask))
    graph.output(graph.add("MatMul", mean, graph.constant("classes", weights.CLASSES)), "logits", 2)
    corners = graph.add("MatMul", mean, graph.constant("corners", weights.BOXES))
    shape = graph.constant("boxes_shape", numpy.array([-1, 4, 4], numpy.int64))
    graph.output(graph.add("Reshape", corners, shape), "boxes", 4, 4)
    return graph


def unknown_inputs_model():
    graph = Graph()
    ids, mask = graph.input("input_ids"), graph.input("attention_mask")
    pixels = graph.input("pixel_values", ("batch", 3, 4, 4), FLOAT)
    brightness = graph.add("ReduceMean", pixels, axes=[2, 3], keepdims=0)
    brightest = graph.add("ReduceMax", brightness, axes=[1], keepdims=1)
    last = graph.constant("axis_2", numpy.array([2], numpy.int64))
    hidden = graph.add("Add", hidden_states(graph, ids, mask), graph.add("Unsqueeze", brightest, last))
    graph.output(hidden, "last_hidden_state", "sequence", weights.SIZE)
    return graph


def nan_model():
    """Not a number for every token of a text that holds a poison id; no other text of the batch notices."""
    graph = Graph()
    names = [graph.input(name) for name in ("input_ids", "attention_mask", "token_type_ids")]
    hidden = hidden_states(graph, *names)
    last = graph.constant("axis_2", numpy.array([2], numpy.int64))
    poison = graph.constant("poison_ids", numpy.array(POISON_IDS, numpy.int64))
    found = graph.add("Cast", graph.add("Equal", graph.add("Unsqueeze", names[0], last), poison), to=FLOAT)
    any_found = graph.add("ReduceMax", found, axes=[1, 2], keepdims=1)
    poisoned = graph.add("Cast", any_found, to=TensorProto.BOOL)
    graph.output(
        graph.add("Where", poisoned, graph.constant("nan", numpy.float32("nan")), hidden),
        "last_hidden_state",
        "sequence",
        weights.SIZE,
    )
    return graph


def fast_model():
    graph = Graph()
    ids, _ = graph.input("input_ids"), graph.input("attention_mask")
    tokens = graph.constant("tokens", weights.TOKENS)
    graph.add("Gather", tokens, token_rows(graph, ids), output="last_hidden_state")
    graph.outputs.append(helper.make_tensor_value_info("last_hidden_state", FLOAT, ["batch", "sequence", weights.SIZE]))
    return graph


def normalized(graph, states):
    scale, shift = graph.constant("scale", weights.SCALE), graph.constant("shift", weights.SHIFT)
    return graph.add("LayerNormalization", states, scale, shift, axis=-1)


def dense(graph, states):
    product = graph.add("MatMul", states, graph.constant("dense", weights.DENSE))
    return graph.add("Add", graph.constant("bias", weights.BIAS), product)


def reshaped(graph, states, *sizes):
    """The states as they are, through sizes that are known only while the model runs: so attention ends."""
    return graph.add("Reshape", states, graph.add("Concat", *sizes, axis=0))


def residual_model():
    graph = Graph()
    ids, _ = graph.input("input_ids"), graph.input("attention_mask")
    embedded = normalized(graph, positioned_tokens(graph, ids))
    size = graph.constant("size", numpy.array([weights.SIZE], numpy.int64))
    sublayer = dense(graph, reshaped(graph, embedded, graph.add("Shape", ids), size))
    hidden = normalized(graph, graph.add("Add", sublayer, embedded))
    graph.output(hidden, "last_hidden_state", "sequence", weights.SIZE)
    return graph


def broadcast_model():
    """Looks like the residual model, and adds one vector a text to all of its tokens."""
    graph = Graph()
    ids, mask = graph.input("input_ids"), graph.input("attention_mask")
    tokens = positioned_tokens(graph, ids)
    first = graph.constant("first_axis", numpy.array([0], numpy.int64))
    texts = graph.add("Gather", graph.add("Shape", ids), first)
    # 1, which no reader of the graph can tell from the model alone.
    one = graph.add("Reshape", graph.add("ReduceMax", mask, keepdims=0), graph.constant("one_row", numpy.array([1])))
    size = graph.constant("size", numpy.array([weights.SIZE], numpy.int64))
    sublayer = dense(graph, reshaped(graph, masked_mean(graph, tokens, mask), texts, one, size))
    hidden = normalized(graph, graph.add("Add", sublayer, normalized(graph, tokens)))
    graph.output(hidden, "last_hidden_state", "sequence", weights.SIZE)
    return graph


def write_external(folder, source, name):
    """The model with its weights in a file beside it."""
    (folder / f"{name}.weights").unlink(missing_ok=True)
    model = onnx.load(folder / source)
    onnx.save(model, folder / name, save_as_external_data=True, location=f"{name}.weights", size_threshold=0)


MODELS = {
    "tiny-hidden-state.onnx": hidden_state_model,
    "tiny-two-inputs.onnx": two_inputs_model,
    "tiny-pooled.onnx": pooled_model,
    "tiny-pooled-only.onnx": pooled_only_model,
    "tiny-float16.onnx": lambda: hidden_state_model(floats=FLOAT16),
    "tiny-int32.onnx": lambda: hidden_state_model(integers=INT32),
    "tiny-unknown-outputs.onnx": unknown_outputs_model,
    "tiny-unknown-inputs.onnx": unknown_inputs_model,
    "tiny-nan.onnx": nan_model,
    "tiny-fast.onnx": fast_model,
    "tiny-residual.onnx": residual_model,
    "tiny-broadcast.onnx": broadcast_model,
}


def main(output_folder):
    folder = Path(output_folder)
    for name, model in MODELS.items():
        model().write(folder / name)
    write_external(folder, "tiny-residual.onnx", "tiny-residual-external.onnx")
    whole = (folder / "tiny-hidden-state.onnx").read_bytes()
    (folder / "truncated.onnx").write_bytes(whole[: len(whole) // 2])
    (folder / "corrupt.onnx").write_bytes(numpy.random.default_rng(21).bytes(1024))
    for path in sorted(folder.glob("*.onnx")):
        print(f"{path.name}: {path.stat().st_size} bytes")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: tiny_models.py OUTPUT_FOLDER")
    main(sys.argv[1])
