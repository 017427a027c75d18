"""Writes tiny-int8.onnx: tiny-fast.onnx and a matrix product behind it, dynamically quantised as published int8 models are."""

import sys
from pathlib import Path

import numpy
import onnx
from onnx import TensorProto, helper, numpy_helper


def main(output_folder):
    folder = Path(output_folder)
    model = onnx.load(folder / "tiny-fast.onnx")
    graph = model.graph
    graph.node[-1].output[0] = "looked_up"
    random = numpy.random.default_rng(8)
    graph.initializer.extend(
        [
            numpy_helper.from_array(random.integers(-127, 128, (8, 8), dtype=numpy.int8), "weights"),
            numpy_helper.from_array(numpy.array(0.01, dtype=numpy.float32), "weights_scale"),
        ]
    )
    graph.node.extend(
        [
            # The range of the whole batch decides how each of its values is rounded.
            helper.make_node("DynamicQuantizeLinear", ["looked_up"], ["quantized", "scale", "zero_point"]),
            helper.make_node("MatMulInteger", ["quantized", "weights", "zero_point"], ["product"]),
            helper.make_node("Cast", ["product"], ["product_float"], to=TensorProto.FLOAT),
            helper.make_node("Mul", ["scale", "weights_scale"], ["product_scale"]),
            helper.make_node("Mul", ["product_float", "product_scale"], ["last_hidden_state"]),
        ]
    )
    onnx.checker.check_model(model)
    (folder / "tiny-int8.onnx").write_bytes(model.SerializeToString(deterministic=True))


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: tiny_int8.py OUTPUT_FOLDER")
    main(sys.argv[1])
