"""Which architectures there are: what each is made of, and how it is exported."""

from dataclasses import dataclass, field
from typing import Callable

import torch

import architecture_models as models
import architecture_tokenizers as tokenizers

ATTENTION_ONLY = ("input_ids", "attention_mask")
BATCH, SEQUENCE = "batch_size", "sequence_length"


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
    # Whether the prompts stand on the model's page alone, and in none of its files.
    prompts_on_page: bool = False
    # sentence-transformers before 5 wrote the prompts that a model has, later ones an empty one for documents besides.
    before_5: bool = False
    # Where the ONNX file lies.
    file: str = "onnx/model.onnx"
    # Changes to config.json, and to tokenizer.json, after everything else.
    configuration: dict = field(default_factory=dict)
    tokenizer_file: Callable | None = None
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
            (*ATTENTION_ONLY, "position_ids"),
            {"last_hidden_state": {0: BATCH, 1: SEQUENCE}},
            positioned,
        ),
    ),
    "albert": Architecture(tokenizers.unigram_of_albert, models.albert, "mean"),
    "electra": Architecture(WORDPIECE, models.electra, "cls"),
    "deberta-v2": Architecture(tokenizers.unigram_of_deberta, models.deberta_v2, "mean"),
    "modernbert": Architecture(tokenizers.byte_level_of_modernbert, models.modernbert, "cls"),
    "nomic-bert": Architecture(
        WORDPIECE,
        models.nomic_bert,
        "mean",
        normalize=False,
        prompts={"query": "search_query: ", "document": "search_document: "},
        prompts_on_page=True,
        configuration={"_name_or_path": "nomic-ai/nomic-embed-text-v1.5"},
        graph=Graph(ATTENTION_ONLY, {"last_hidden_state": {0: BATCH, 1: SEQUENCE}}, encoded),
    ),
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
    "distiluse": Architecture(
        tokenizers.wordpiece_of_distilbert,
        models.distilbert,
        "mean",
        normalize=False,
        dense=((8, TANH, True),),
    ),
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
