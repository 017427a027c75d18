"""The tokenizers of the architectures' models: of the kinds that the published ones have, trained on the quickstart's
corpus and on the texts, with a few hundred tokens each."""

import json
import tempfile
from collections import Counter
from pathlib import Path

import sentencepiece
import transformers
from tokenizers import Regex, Tokenizer, decoders, normalizers, pre_tokenizers, processors
from tokenizers.models import BPE
from tokenizers.trainers import BpeTrainer

from architecture_texts import QUERIES, TEXTS

CORPUS = Path(__file__).parents[2] / "examples/corpus/postgresql-documentation.ndjson"
SECTIONS = 60
# A longest text that each tokenizer is told of; what counts is sentence_bert_config.json's.
LONGEST = 512

# What SentencePiece replaces before it looks for tokens. The rules that published models share take 300 KB.
CHARACTER_RULES = {
    "e\u0301": "é",
    "e\u0300": "è",
    "u\u0302": "û",
    "\n": " ",
    "\t": " ",
    "\u200d": "",
}


def lines():
    """Without the characters that occur once or twice, of which a small vocabulary would be full."""
    sections = [json.loads(line)["body"] for line in CORPUS.read_text("utf-8").splitlines()[:SECTIONS]]
    plain = ["".join(c for c in section if c.isascii()) for section in sections]
    return [line for text in plain for line in text.split("\n") if line] + [*TEXTS.values(), *QUERIES.values()] * 4


def wordpiece_vocabulary():
    """Chosen by hand, since the library's training breaks ties by chance: what occurs most, in the order of its ids."""
    normalizer, splitter = normalizers.BertNormalizer(lowercase=True), pre_tokenizers.BertPreTokenizer()
    words = Counter(
        word for line in lines() for word, _ in splitter.pre_tokenize_str(normalizer.normalize_str(line))
    )
    characters = sorted({character for word in words for character in word})
    letters = [character for character in characters if character.isascii() and character.isalnum()]
    endings = Counter(
        word[-length:] for word in words for length in (2, 3) if word.isalpha() and len(word) > length + 2
    )
    vocabulary = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *characters]
    vocabulary += ["##" + letter for letter in letters]
    vocabulary += ["##" + ending for ending in most_frequent(endings, 30)]
    return vocabulary + [word for word in most_frequent(words, 120) if len(word) > 1]


def most_frequent(counted, number):
    return sorted(counted, key=lambda each: (-counted[each], each))[:number]


def in_folder(make, **files):
    """Gives `make` the paths of text files with the contents given."""
    with tempfile.TemporaryDirectory() as folder:
        paths = [Path(folder, name.replace("_", ".")) for name in files]
        for path, content in zip(paths, files.values()):
            path.write_text(content, encoding="utf-8")
        return make(*map(str, paths))


def wordpiece():
    """BERT's: [PAD] 0, [UNK] 1, [CLS] 2, [SEP] 3, [MASK] 4."""
    return in_folder(
        lambda vocabulary: transformers.BertTokenizerFast(vocabulary, model_max_length=LONGEST),
        vocab_txt="\n".join(wordpiece_vocabulary()),
    )


def wordpiece_of_distilbert():
    """BERT's, for a model that knows no token types."""
    return in_folder(
        lambda vocabulary: transformers.DistilBertTokenizerFast(vocabulary, model_max_length=LONGEST),
        vocab_txt="\n".join(wordpiece_vocabulary()),
    )


def wordpiece_of_mpnet():
    """BERT's words with RoBERTa's special tokens, the padding being 1."""
    words = [word for word in wordpiece_vocabulary() if word not in ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]")]
    return in_folder(
        lambda vocabulary: transformers.MPNetTokenizerFast(vocabulary, model_max_length=LONGEST),
        vocab_txt="\n".join(["<s>", "<pad>", "</s>", "[UNK]", *words, "<mask>"]),
    )


def byte_level(special, vocabulary):
    made = Tokenizer(BPE())
    made.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    made.decoder = decoders.ByteLevel()
    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    made.train_from_iterator(
        lines(),
        BpeTrainer(
            vocab_size=vocabulary, special_tokens=special, initial_alphabet=alphabet, show_progress=False
        ),
    )
    return made


def byte_level_of_roberta():
    made = byte_level(["<s>", "<pad>", "</s>", "<unk>", "<mask>"], 420)
    made.post_processor = processors.RobertaProcessing(
        ("</s>", 2), ("<s>", 0), trim_offsets=True, add_prefix_space=False
    )
    return transformers.RobertaTokenizerFast(tokenizer_object=made, model_max_length=LONGEST)


def byte_level_of_modernbert():
    made = byte_level(["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"], 420)
    made.normalizer = normalizers.NFC()
    made.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]",
        pair="[CLS] $A [SEP] $B [SEP]",
        special_tokens=[("[CLS]", 2), ("[SEP]", 3)],
    )
    return transformers.PreTrainedTokenizerFast(
        tokenizer_object=made,
        pad_token="[PAD]",
        unk_token="[UNK]",
        cls_token="[CLS]",
        sep_token="[SEP]",
        mask_token="[MASK]",
        model_input_names=["input_ids", "attention_mask"],
        model_max_length=LONGEST,
    )


def byte_level_of_qwen():
    """Ends a text with the token that also pads."""
    made = byte_level(["<|endoftext|>", "<|im_start|>", "<|im_end|>"], 420)
    made.normalizer = normalizers.NFC()
    made.post_processor = processors.Sequence(
        [
            processors.ByteLevel(trim_offsets=False),
            processors.TemplateProcessing(
                single="$A <|endoftext|>",
                pair="$A $B <|endoftext|>",
                special_tokens=[("<|endoftext|>", 0)],
            ),
        ]
    )
    return transformers.PreTrainedTokenizerFast(
        tokenizer_object=made,
        eos_token="<|im_end|>",
        pad_token="<|endoftext|>",
        padding_side="left",
        model_max_length=LONGEST,
    )


def byte_level_of_clip():
    """Its tokens know whether they end a word."""
    made = Tokenizer(BPE(unk_token="<|endoftext|>", end_of_word_suffix="</w>"))
    made.normalizer = normalizers.Sequence(
        [normalizers.NFC(), normalizers.Replace(Regex(r"\s+"), " "), normalizers.Lowercase()]
    )
    made.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(
                Regex(r"'s|'t|'re|'ve|'m|'ll|'d|[\p{L}]+|[\p{N}]|[^\s\p{L}\p{N}]+"), behavior="removed", invert=True
            ),
            pre_tokenizers.ByteLevel(add_prefix_space=False),
        ]
    )
    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    trainer = BpeTrainer(
        vocab_size=560, initial_alphabet=alphabet, end_of_word_suffix="</w>", show_progress=False
    )
    made.train_from_iterator(lines(), trainer)
    trained = json.loads(made.to_str())["model"]
    words = alphabet + [letter + "</w>" for letter in alphabet]
    merges = [merge for merge in trained["merges"] if "".join(merge) not in words]
    words += [word for word in ("".join(merge) for merge in merges) if word not in words]
    vocabulary = {word: number for number, word in enumerate([*words, "<|startoftext|>", "<|endoftext|>"])}
    return in_folder(
        lambda vocab, merged: transformers.CLIPTokenizerFast(vocab, merged, model_max_length=64),
        vocab_json=json.dumps(vocabulary),
        merges_txt="\n".join(["#version: 0.2", *(" ".join(merge) for merge in merges)]),
    )


def sentencepiece_model(make, **settings):
    """Trains one and gives `make` its path."""
    with tempfile.TemporaryDirectory() as folder:
        corpus, rules = Path(folder, "corpus.txt"), Path(folder, "rules.tsv")
        corpus.write_text("\n".join(line.replace("\n", " ") for line in lines()), encoding="utf-8")
        rules.write_text(
            "".join(
                f"{' '.join(f'{ord(c):X}' for c in old)}\t{' '.join(f'{ord(c):X}' for c in new)}\n"
                for old, new in CHARACTER_RULES.items()
            )
        )
        if settings["model_type"] == "unigram":
            settings["normalization_rule_tsv"] = str(rules)
        else:
            settings["normalization_rule_name"] = "identity"
        sentencepiece.SentencePieceTrainer.train(
            input=str(corpus),
            model_prefix=str(Path(folder, "spiece")),
            max_sentence_length=20000,
            hard_vocab_limit=False,
            num_threads=1,
            minloglevel=2,
            **settings,
        )
        return make(str(Path(folder, "spiece.model")))


def unigram_of_xlm_roberta():
    """<s> 0, <pad> 1, </s> 2, <unk> 3."""
    return sentencepiece_model(
        lambda path: transformers.XLMRobertaTokenizerFast(path, model_max_length=LONGEST),
        model_type="unigram",
        vocab_size=340,
        character_coverage=1.0,
    )


def unigram_of_t5():
    """Ends a text with </s>, begins it with nothing."""
    return sentencepiece_model(
        lambda path: transformers.T5TokenizerFast(path, extra_ids=0, model_max_length=LONGEST),
        model_type="unigram",
        vocab_size=340,
        character_coverage=1.0,
        pad_id=0,
        eos_id=1,
        unk_id=2,
        bos_id=-1,
    )


def unigram_of_albert():
    return sentencepiece_model(
        lambda path: transformers.AlbertTokenizerFast(path, model_max_length=LONGEST),
        model_type="unigram",
        vocab_size=340,
        character_coverage=1.0,
        pad_id=0,
        unk_id=1,
        bos_id=-1,
        eos_id=-1,
        control_symbols=["[CLS]", "[SEP]"],
        user_defined_symbols=["[MASK]"],
    )


def unigram_of_deberta():
    return sentencepiece_model(
        lambda path: transformers.DebertaV2TokenizerFast(path, model_max_length=LONGEST),
        model_type="unigram",
        vocab_size=340,
        character_coverage=1.0,
        pad_id=0,
        bos_id=1,
        eos_id=2,
        unk_id=3,
        pad_piece="[PAD]",
        bos_piece="[CLS]",
        eos_piece="[SEP]",
        unk_piece="[UNK]",
        user_defined_symbols=["[MASK]"],
    )


def byte_fallback(make, **settings):
    return sentencepiece_model(
        make,
        model_type="bpe",
        vocab_size=440,
        byte_fallback=True,
        character_coverage=0.99,
        split_digits=True,
        **settings,
    )


def byte_fallback_of_llama():
    """Begins a text with <s> and ends it with </s>; see `begins_only` for how it is published."""
    return byte_fallback(
        lambda path: transformers.LlamaTokenizerFast(
            path,
            legacy=True,
            add_bos_token=True,
            add_eos_token=True,
            pad_token="</s>",
            padding_side="left",
            model_max_length=LONGEST,
        )
    )


def byte_fallback_of_gemma():
    return byte_fallback(
        lambda path: transformers.GemmaTokenizerFast(
            path, add_bos_token=True, add_eos_token=True, model_max_length=LONGEST
        ),
        pad_id=0,
        eos_id=1,
        bos_id=2,
        unk_id=3,
    )


def begins_only(tokenizer_json):
    """A tokenizer.json that knows nothing of the end of a text: only `add_eos_token` in tokenizer_config.json does."""
    made = json.loads(tokenizer_json)
    made["post_processor"] = json.loads(
        processors.TemplateProcessing(
            single="<s> $A", pair="<s> $A <s>:1 $B:1", special_tokens=[("<s>", 1)]
        ).__getstate__()
    )
    return json.dumps(made, ensure_ascii=False)


def with_limits(tokenizer_json, padding):
    """A tokenizer.json that also cuts and pads, by other numbers than the model's, as all-MiniLM-L6-v2's does."""
    made = Tokenizer.from_str(tokenizer_json)
    made.enable_truncation(24)
    made.enable_padding(length=24, pad_token=padding)
    return made.to_str()
