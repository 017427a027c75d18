"""Exports an architecture to ONNX as its publishers do, and holds the file against torch."""

import sys
import tempfile
from pathlib import Path

import numpy
import onnx
import onnxruntime
import torch
import transformers
from optimum.exporters.onnx import main_export
from sentence_transformers import SentenceTransformer

from architecture_specs import BATCH, SEQUENCE

OPSET = 17
LARGEST_DIFFERENCE = 2e-5


class Wrapped(torch.nn.Module):
    def __init__(self, model, wrap):
        super().__init__()
        self.model, self.wrap = model, wrap

    def forward(self, input_ids, attention_mask=None, position_ids=None):
        return self.wrap(self.model, input_ids, attention_mask, position_ids)


def export(folder, chosen):
    file = folder / chosen.file
    file.parent.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as exported:
        if chosen.graph:
            export_graph(folder, chosen.graph, Path(exported, "model.onnx"))
        else:
            main_export(
                str(folder),
                exported,
                task=chosen.task,
                library_name=chosen.library,
                opset=OPSET,
                do_validation=False,
                device="cpu",
            )
        model = onnx.load(Path(exported, "model.onnx"))
    for node in model.graph.node:
        node.ClearField("doc_string")
    del model.graph.value_info[:]
    file.write_bytes(model.SerializeToString(deterministic=True))


def transformer_of(folder):
    if (folder / "modules.json").exists():
        eager = {"attn_implementation": "eager"}
        return SentenceTransformer(str(folder), device="cpu", model_kwargs=eager)[0].auto_model
    return transformers.CLIPTextModelWithProjection.from_pretrained(folder, attn_implementation="eager")


def export_graph(folder, graph, file):
    model = transformer_of(folder).eval()
    ids = torch.tensor([[5, 6, 7, 8, 9]] * 2)
    arguments = {
        "input_ids": ids,
        "attention_mask": torch.ones_like(ids),
        "position_ids": torch.arange(2, 7).repeat(2, 1),
    }
    torch.onnx.export(
        Wrapped(model, graph.wrap),
        tuple(arguments[name] for name in graph.inputs),
        str(file),
        input_names=list(graph.inputs),
        output_names=list(graph.outputs),
        dynamic_axes={name: {0: BATCH, 1: SEQUENCE} for name in graph.inputs} | graph.outputs,
        opset_version=OPSET,
        dynamo=False,
    )


def check_export(folder, chosen, lines):
    """Holds the ONNX file against torch, for texts of several lengths in one padded batch."""
    session = onnxruntime.InferenceSession(folder / chosen.file, providers=["CPUExecutionProvider"])
    rows = [each["token_ids"] for each in lines[2:5]]
    longest = max(map(len, rows))
    padding = transformers.AutoTokenizer.from_pretrained(folder).pad_token_id
    ids = numpy.array([row + [padding] * (longest - len(row)) for row in rows])
    mask = numpy.array([[1] * len(row) + [0] * (longest - len(row)) for row in rows])
    first = 2 if "roberta" in folder.name else 0
    values = {
        "input_ids": ids,
        "attention_mask": mask,
        "token_type_ids": numpy.zeros_like(ids),
        "position_ids": numpy.maximum(numpy.cumsum(mask, axis=1) - 1, 0) + first,
    }
    inputs = {}
    for node in session.get_inputs():
        # Where it is none of these: the keys and values of no tokens at all.
        sizes = [size if isinstance(size, int) else 0 for size in node.shape]
        inputs[node.name] = values.get(node.name, numpy.zeros([len(rows), *sizes[1:]], numpy.float32))
    outputs = dict(zip([node.name for node in session.get_outputs()], session.run(None, inputs)))
    with torch.inference_mode():
        worst = max(difference(folder, chosen, outputs, number, each) for number, each in enumerate(lines[2:5]))
    if worst > LARGEST_DIFFERENCE:
        sys.exit(f"{folder.name}: the ONNX file differs from torch by {worst:.1e}")
    names = ", ".join(node.name for node in session.get_outputs()[:3])
    return f"ONNX within {worst:.0e}, {len(session.get_inputs())} inputs, outputs {names}"


def difference(folder, chosen, outputs, number, expected):
    for name in ("sentence_embedding", "dense_vecs", "text_embeds"):
        if name in outputs:
            vector = outputs[name][number]
            vector = vector / numpy.linalg.norm(vector) if chosen.normalize else vector
            return numpy.abs(vector - numpy.array(expected["vector"])).max()
    model = SentenceTransformer(str(folder), device="cpu")
    ids = torch.tensor([expected["token_ids"]])
    features = {"input_ids": ids, "attention_mask": torch.ones_like(ids)}
    hidden = model[0](features)["token_embeddings"][0].numpy()
    found = outputs["last_hidden_state"][number, : len(hidden)]
    return numpy.abs(found - hidden).max() / numpy.abs(hidden).max()
