"""What sentence-transformers makes of the texts."""

import numpy
import torch
import transformers
from sentence_transformers import SentenceTransformer

from architecture_texts import QUERIES, TEXTS
from float32_json import shortest


@torch.inference_mode()
def references(folder, chosen):
    """A line for each text, computed alone, and for each query where queries have a prompt of their own."""
    if chosen.pooling is None:
        yield from clip_references(folder)
        return
    model = SentenceTransformer(str(folder), device="cpu")
    # Not encode_document: the library puts an empty prompt "document" before the model's own "passage".
    prompt = next((chosen.prompts[key] for key in ("document", "passage") if chosen.prompts.get(key)), "")
    for name, text in TEXTS.items():
        yield line(name, text, False, *ids_of(model, prompt + text), model.encode(text, prompt=prompt))
    if chosen.prompts:
        for name, text in QUERIES.items():
            prompt = chosen.prompts["query"]
            yield line(name, text, True, *ids_of(model, prompt + text), model.encode_query(text, prompt=prompt))


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
        vector = torch.nn.functional.normalize(model(input_ids=torch.tensor([ids])).text_embeds[0], dim=0)
        yield line(name, text, False, ids, len(ids) < len(whole), vector.numpy())


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


def nearest(lines):
    """The cosine of the two documents that are most alike, but for those that are the same to the tokenizer."""
    documents = {tuple(each["token_ids"]): each["vector"] for each in lines if not each["query"]}
    vectors = numpy.array(list(documents.values()))
    vectors /= numpy.linalg.norm(vectors, axis=1, keepdims=True)
    return (vectors @ vectors.T - 2 * numpy.eye(len(vectors))).max()
