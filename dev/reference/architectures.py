"""Writes small models of the architectures that people embed with, and what sentence-transformers makes of texts by
them.

Each is a folder as such models are published: ONNX export, tokenizer and the files that say how its vectors are meant
to be made. The weights are random, from a seed. A folder with `expected.ndjson` is to be served, one with
`refused.txt` not.

usage: architectures.py OUTPUT_FOLDER [NAME...]
"""

import json
import os
import shutil
import sys
import tempfile
import warnings
from pathlib import Path

os.environ["HF_HUB_OFFLINE"] = "1"
os.environ["TQDM_DISABLE"] = "1"
warnings.filterwarnings("ignore")

import torch
from sentence_transformers import SentenceTransformer
from sentence_transformers.models import Dense, Normalize, Pooling, Transformer

from architecture_export import check_export, export
from architecture_models import with_biases
from architecture_references import nearest, references
from architecture_specs import ARCHITECTURES

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


def publish(folder, chosen):
    """A transformer alone, as transformers saves it, or all of what sentence-transformers does."""
    tokenizer = chosen.tokenizer()
    model = with_biases(chosen.model(tokenizer))
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
                inputs = modules[-1].get_sentence_embedding_dimension()
                modules.append(with_range(Dense(inputs, outputs, bias, activation())))
            modules += [Normalize()] if chosen.normalize else []
            SentenceTransformer(modules=modules, device="cpu", prompts=published_prompts(chosen)).save_pretrained(
                str(folder), create_model_card=False
            )
    if chosen.before_5:
        rewrite(folder / "config_sentence_transformers.json", {"prompts": chosen.prompts}, indent=2)
    if chosen.tokenizer_file:
        file = folder / "tokenizer.json"
        file.write_text(chosen.tokenizer_file(file.read_text("utf-8")), encoding="utf-8", newline="\n")


def published_prompts(chosen):
    return None if chosen.prompts_on_page else chosen.prompts or None


def with_range(dense):
    """Wide enough that an activation is no straight line."""
    with torch.no_grad():
        dense.linear.weight.mul_(3)
    return dense


def pooling(size, chosen):
    if chosen.pooling == "cls+mean":
        return Pooling(size, pooling_mode_cls_token=True, pooling_mode_mean_tokens=True)
    return Pooling(size, pooling_mode=chosen.pooling, include_prompt=chosen.include_prompt)


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
