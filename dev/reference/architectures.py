"""Writes small models of the architectures that people embed with, and what sentence-transformers makes of texts by them.

Each is a folder as such models are published: ONNX export, tokenizer and the files that say how its vectors are meant to
be made. The weights are random, from a seed. A folder with `expected.ndjson` is to be served, one with `refused.txt` not.

usage: architectures.py OUTPUT_FOLDER [NAME...]
"""

import json
import os
import shutil
import sys
import tempfile
import warnings
from dataclasses import dataclass, field
from pathlib import Path
from typing import Callable

os.environ["HF_HUB_OFFLINE"] = "1"
os.environ["TQDM_DISABLE"] = "1"
warnings.filterwarnings("ignore")

import numpy
import onnx
import onnxruntime
import sentence_transformers
import torch
import transformers
from optimum.exporters.onnx import main_export
from sentence_transformers import SentenceTransformer
from sentence_transformers.models import Dense, Normalize, Pooling, Transformer

import architecture_models as models
import architecture_tokenizers as tokenizers
from architecture_texts import QUERIES, TEXTS
from float32_json import shortest

OPSET = 17
LARGEST_DIFFERENCE = 2e-5
LONGEST = 64
# Beside modules.json and the folders that it names; the weights are in the ONNX file.
KEPT = {
    "config.json",
    "config_sentence_transformers.json",
    "modules.json",
    "sentence_bert_config.json",
    "special_tokens_map.json",
    "tokenizer.json",
    "tokenizer_config.json",
}

ATTENTION_ONLY = ("input_ids", "attention_mask")


@dataclass(frozen=True)
class Graph:
    """An export that is not optimum's of the plain transformer.

    `inputs` and `outputs` name what `wrap`, a function of model, ids, mask and positions, takes and gives.
    """

    inputs: tuple
    outputs: dict
    wrap: Callable


@dataclass(frozen=True)
class Architecture:
    tokenizer: Callable
    model: Callable
    pooling: str | None = None
    normalize: bool = True
    prompts: dict = field(default_factory=dict)
    # Outputs and activation of the layers behind the pooling.
    dense: tuple = ()
    task: str = "feature-extraction"
    library: str = "transformers"
    graph: Graph | None = None
    include_prompt: bool = True
    lower_case: bool = False
    # sentence-transformers before 5 wrote the prompts that a model has, later ones an empty one for documents besides.
    before_5: bool = False
    # Where the ONNX file lies.
    file: str = "onnx/model.onnx"
    # Changes to config.json, and to tokenizer.json, after everything else.
    configuration: dict = field(default_factory=dict)
    tokenizer_file: Callable = None
    # Of what must be refused: what the sentence has to name.
    refused: str | None = None


def encoded(model, ids, mask, positions):
    return (model(input_ids=ids, attention_mask=mask).last_hidden_state,)


def projected(model, ids, mask, positions):
    """CLIP looks back only, so that what follows a text needs no mask."""
    outputs = model(input_ids=ids)
    return outputs.text_embeds, outputs.last_hidden_state


def positioned(model, ids, mask, positions):
    return (model(input_ids=ids, attention_mask=mask, position_ids=positions).last_hidden_state,)


def three_heads(model, ids, mask, positions):
    """bge-m3's: a vector a text, a weight a token, and a vector a token."""
    hidden = model(input_ids=ids, attention_mask=mask).last_hidden_state
    dense = torch.nn.functional.normalize(hidden[:, 0], dim=-1)
    sparse = torch.relu(hidden[:, :, :1])
    colbert = torch.nn.functional.normalize(hidden[:, 1:], dim=-1) * mask[:, 1:].unsqueeze(-1)
    return dense, sparse, colbert


BATCH, SEQUENCE = "batch_size", "sequence_length"
TANH, IDENTITY = torch.nn.Tanh, torch.nn.Identity
WORDPIECE = tokenizers.wordpiece

ARCHITECTURES = {
    "bert-mean": Architecture(
        WORDPIECE,
        models.bert_of_two_layers,
        "mean",
        normalize=False,
        tokenizer_file=lambda content: tokenizers.with_limits(content, "[PAD]"),
    ),
    "bge": Architecture(
        WORDPIECE,
        models.bert,
        "cls",
        prompts={"query": "Represent this sentence for searching: ", "document": ""},
    ),
    "e5": Architecture(
        WORDPIECE,
        models.bert,
        "mean",
        prompts={"query": "query: ", "passage": "passage: "},
        before_5=True,
    ),
    "mpnet": Architecture(tokenizers.wordpiece_of_mpnet, models.mpnet, "mean", file="model.onnx"),
    "distilbert": Architecture(tokenizers.wordpiece_of_distilbert, models.distilbert, "mean", normalize=False),
    "roberta": Architecture(tokenizers.byte_level_of_roberta, models.roberta, "mean"),
    "lower-case": Architecture(tokenizers.byte_level_of_roberta, models.roberta, "mean", lower_case=True),
    "xlm-roberta": Architecture(
        tokenizers.unigram_of_xlm_roberta,
        models.xlm_roberta,
        "mean",
        prompts={"query": "query: ", "passage": "passage: "},
    ),
    "xlm-roberta-positions": Architecture(
        tokenizers.unigram_of_xlm_roberta,
        models.xlm_roberta,
        "cls",
        graph=Graph(
            (*ATTENTION_ONLY, "position_ids"), {"last_hidden_state": {0: BATCH, 1: SEQUENCE}}, positioned
        ),
    ),
    "albert": Architecture(tokenizers.unigram_of_albert, models.albert, "mean"),
    "electra": Architecture(WORDPIECE, models.electra, "cls"),
    "deberta-v2": Architecture(tokenizers.unigram_of_deberta, models.deberta_v2, "mean"),
    "modernbert": Architecture(tokenizers.byte_level_of_modernbert, models.modernbert, "cls"),
    "sentence-t5": Architecture(
        tokenizers.unigram_of_t5,
        models.t5,
        "mean",
        dense=((12, IDENTITY, False),),
        graph=Graph(ATTENTION_ONLY, {"last_hidden_state": {0: BATCH, 1: SEQUENCE}}, encoded),
    ),
    "e5-mistral": Architecture(
        tokenizers.byte_fallback_of_llama,
        models.mistral,
        "lasttoken",
        tokenizer_file=tokenizers.begins_only,
    ),
    "qwen3-past": Architecture(
        tokenizers.byte_level_of_qwen,
        models.qwen3,
        "lasttoken",
        prompts={"query": "Instruct: Find passages that answer\nQuery:", "document": ""},
        task="feature-extraction-with-past",
    ),
    "embeddinggemma": Architecture(
        tokenizers.byte_fallback_of_gemma,
        models.gemma3,
        "mean",
        prompts={"query": "task: search result | query: ", "document": "title: none | text: "},
        dense=((24, IDENTITY, False), (16, IDENTITY, False)),
    ),
    "clip-text": Architecture(
        tokenizers.byte_level_of_clip,
        models.clip_text,
        graph=Graph(
            ("input_ids",), {"text_embeds": {0: BATCH}, "last_hidden_state": {0: BATCH, 1: SEQUENCE}}, projected
        ),
    ),
    "labse": Architecture(WORDPIECE, models.bert, "cls", dense=((16, TANH, True),)),
    "distiluse": Architecture(tokenizers.wordpiece_of_distilbert, models.distilbert, "mean", normalize=False, dense=((8, TANH, True),)),
    "max": Architecture(WORDPIECE, models.bert, "max"),
    "weighted-mean": Architecture(WORDPIECE, models.bert, "weightedmean", normalize=False),
    "cls-and-mean": Architecture(WORDPIECE, models.bert, "cls+mean"),
    "prompt-left-out": Architecture(
        WORDPIECE,
        models.bert,
        "mean",
        prompts={"query": "Represent the question: ", "document": "Represent the document: "},
        include_prompt=False,
    ),
    "bge-m3": Architecture(
        tokenizers.unigram_of_xlm_roberta,
        models.xlm_roberta,
        "cls",
        graph=Graph(
            ATTENTION_ONLY,
            {
                "dense_vecs": {0: BATCH},
                "sparse_vecs": {0: BATCH, 1: SEQUENCE},
                "colbert_vecs": {0: BATCH, 1: "tokens"},
            },
            three_heads,
        ),
    ),
    "sentence-embedding": Architecture(WORDPIECE, models.bert, "mean", library="sentence_transformers"),
    "matryoshka": Architecture(
        WORDPIECE, models.bert, "mean", configuration={"matryoshka_dimensions": [8, 12, 16]}
    ),
    "token-classifier": Architecture(
        WORDPIECE, models.bert_token_classifier, task="token-classification", refused="logits"
    ),
    "sequence-classifier": Architecture(
        WORDPIECE, models.bert_sequence_classifier, task="text-classification", refused="logits"
    ),
    "masked-lm": Architecture(WORDPIECE, models.bert_masked_lm, task="fill-mask", refused="logits"),
}


class Wrapped(torch.nn.Module):
    def __init__(self, model, wrap):
        super().__init__()
        self.model, self.wrap = model, wrap

    def forward(self, input_ids, attention_mask=None, position_ids=None):
        return self.wrap(self.model, input_ids, attention_mask, position_ids)


def publish(folder, chosen):
    """A transformer alone, as transformers saves it, or all of what sentence-transformers does."""
    tokenizer = chosen.tokenizer()
    model = models.with_biases(chosen.model(tokenizer))
    with tempfile.TemporaryDirectory() as plain:
        target = folder if chosen.pooling is None else plain
        model.save_pretrained(target)
        tokenizer.save_pretrained(target)
        if chosen.pooling:
            transformer = Transformer(
                plain,
                max_seq_length=LONGEST,
                do_lower_case=chosen.lower_case,
                model_args={"attn_implementation": "eager"},
            )
            size = transformer.get_word_embedding_dimension()
            modules = [transformer, pooling(size, chosen)]
            for outputs, activation, bias in chosen.dense:
                modules.append(with_range(Dense(modules[-1].get_sentence_embedding_dimension(), outputs, bias, activation())))
            modules += [Normalize()] if chosen.normalize else []
            SentenceTransformer(modules=modules, device="cpu", prompts=chosen.prompts or None).save_pretrained(
                str(folder), create_model_card=False
            )
    if chosen.before_5:
        rewrite(folder / "config_sentence_transformers.json", {"prompts": chosen.prompts}, indent=2)
    if chosen.tokenizer_file:
        file = folder / "tokenizer.json"
        file.write_text(chosen.tokenizer_file(file.read_text("utf-8")), encoding="utf-8", newline="\n")


def with_range(dense):
    """Wide enough that an activation is no straight line."""
    with torch.no_grad():
        dense.linear.weight.mul_(3)
    return dense


def pooling(size, chosen):
    if chosen.pooling == "cls+mean":
        return Pooling(size, pooling_mode_cls_token=True, pooling_mode_mean_tokens=True)
    return Pooling(size, pooling_mode=chosen.pooling, include_prompt=chosen.include_prompt)


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
        return SentenceTransformer(str(folder), device="cpu", model_kwargs={"attn_implementation": "eager"})[0].auto_model
    return transformers.CLIPTextModelWithProjection.from_pretrained(folder, attn_implementation="eager")


def export_graph(folder, graph, file):
    model = transformer_of(folder).eval()
    ids = torch.tensor([[5, 6, 7, 8, 9]] * 2)
    arguments = {"input_ids": ids, "attention_mask": torch.ones_like(ids), "position_ids": torch.arange(2, 7).repeat(2, 1)}
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


@torch.inference_mode()
def references(folder, chosen):
    """A line for each text, computed alone, and for each query where queries have a prompt of their own."""
    if chosen.pooling is None:
        yield from clip_references(folder)
        return
    model = SentenceTransformer(str(folder), device="cpu")
    # Not encode_document, which takes an empty prompt "document" that the library adds for the model's own "passage".
    prompt = next((chosen.prompts[key] for key in ("document", "passage") if chosen.prompts.get(key)), "")
    for name, text in TEXTS.items():
        yield line(name, text, False, *ids_of(model, prompt + text), model.encode(text, prompt=prompt))
    if chosen.prompts:
        for name, text in QUERIES.items():
            prompt = chosen.prompts["query"]
            yield line(name, text, True, *ids_of(model, prompt + text), model.encode_query(text))


def ids_of(model, text):
    """The ids, and whether the text was cut."""
    text = text.lower() if model[0].do_lower_case else text
    ids = model.tokenize([text])["input_ids"][0].tolist()
    whole = model.tokenizer(text, verbose=False, truncation=False)["input_ids"]
    return ids, len(ids) < len(whole)


def clip_references(folder):
    """sentence-transformers wants the model of the images too."""
    model = transformers.CLIPTextModelWithProjection.from_pretrained(folder).eval()
    tokenizer = transformers.AutoTokenizer.from_pretrained(folder)
    for name, text in TEXTS.items():
        ids = tokenizer(text, truncation=True)["input_ids"]
        whole = tokenizer(text, verbose=False)["input_ids"]
        vector = model(input_ids=torch.tensor([ids])).text_embeds[0]
        yield line(name, text, False, ids, len(ids) < len(whole), torch.nn.functional.normalize(vector, dim=0).numpy())


def line(name, text, query, ids, truncated, vector):
    return {
        "name": name,
        "text": text,
        "query": query,
        "tokens": len(ids),
        "truncated": truncated,
        "token_ids": ids,
        "vector": shortest(vector),
    }


def check_export(folder, chosen, lines):
    """Holds the ONNX file against torch, for texts of two lengths in one padded batch."""
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
        empty = [len(rows) if axis == 0 else size if isinstance(size, int) else 0 for axis, size in enumerate(node.shape)]
        inputs[node.name] = values.get(node.name, numpy.zeros(empty, numpy.float32))
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


def keep_what_is_published(folder, chosen):
    for path in folder.iterdir():
        if path.is_file() and path.name not in KEPT | {chosen.file}:
            path.unlink()
    rewrite(folder / "config.json", chosen.configuration, indent=2)
    # A third of its size is white space.
    rewrite(folder / "tokenizer.json", {}, separators=(",", ":"))


def rewrite(file, changes, **form):
    content = json.loads(file.read_text("utf-8")) | changes
    file.write_text(json.dumps(content, ensure_ascii=False, **form) + "\n", encoding="utf-8", newline="\n")


def nearest(lines):
    """The cosine of the two documents that are most alike, but for those that are the same to the tokenizer."""
    documents = {tuple(each["token_ids"]): each["vector"] for each in lines if not each["query"]}
    vectors = numpy.array(list(documents.values()))
    vectors /= numpy.linalg.norm(vectors, axis=1, keepdims=True)
    return (vectors @ vectors.T - 2 * numpy.eye(len(vectors))).max()


def write(output_folder, name):
    chosen = ARCHITECTURES[name]
    folder = Path(output_folder, name)
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    torch.manual_seed(sum(map(ord, name)))
    publish(folder, chosen)
    export(folder, chosen)
    if chosen.refused:
        keep_what_is_published(folder, chosen)
        (folder / "refused.txt").write_text(chosen.refused + "\n", encoding="utf-8", newline="\n")
        note = f"to be refused for {chosen.refused}"
    else:
        lines = list(references(folder, chosen))
        note = f"{len(lines)} vectors, nearest {nearest(lines):.3f}, {check_export(folder, chosen, lines)}"
        keep_what_is_published(folder, chosen)
        with open(folder / "expected.ndjson", "w", encoding="utf-8", newline="\n") as file:
            for each in lines:
                file.write(json.dumps(each, ensure_ascii=False, separators=(",", ":")) + "\n")
    size = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
    print(f"{name:<24}{size:>8} bytes, {note}", flush=True)


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit("usage: architectures.py OUTPUT_FOLDER [NAME...]")
    for architecture in sys.argv[2:] or ARCHITECTURES:
        write(sys.argv[1], architecture)
