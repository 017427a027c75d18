"""Writes tiny-tokenizer.json: a WordPiece tokenizer of a few hundred tokens, made by hand and read by any embedder.

Every printable ASCII character is in the vocabulary, letters and digits also as continuations, so ASCII text never
becomes [UNK]; anything else does, once its accents are stripped.

usage: tiny_tokenizer.py OUTPUT_FOLDER
"""

import json
import string
import sys
from pathlib import Path

from tokenizers import Tokenizer
from tokenizers.models import WordPiece
from tokenizers.normalizers import BertNormalizer
from tokenizers.pre_tokenizers import BertPreTokenizer
from tokenizers.processors import TemplateProcessing

FILE = "tiny-tokenizer.json"

SPECIAL = ["[PAD]", "[UNK]", "[CLS]", "[SEP]"]
CHARACTERS = [character for character in string.printable[:95] if character not in string.ascii_uppercase + " "]
CONTINUATIONS = ["##" + character for character in string.ascii_lowercase + string.digits]
ENDINGS = ["##s", "##ed", "##ing", "##er", "##ly", "##est", "##ness"]
WORDS = """
the of and to in is was for on that with as it at by from be this are or an have not but had his her they you which
one all were there their has been more when who will no if out so up about what into than its time only some could
new other then these two may first any my now such like over me our even most after also did many before must through
years where much your way well down should because each just those people too little state good very make world still
own see men work long get here between both life being under never day same another know while last might us great old
year off come since against go came right used take three
river bank water city house street road door window table paper book word line page letter number name list price
account order money market bill north south east west morning night week month summer winter rain snow wind sun
red green blue white black small large short high low fast slow open closed early late quiet loud
dog cat horse bird fish tree apple bread milk tea man woman child friend teacher doctor farmer king queen
read write run walk bite bites find found give keep lost sold bought built opened moved turned search store
vector document index model token batch shard window checkpoint poison
""".split()

# In the order of their ids, each once: [PAD] is 0.
VOCABULARY = list(dict.fromkeys(SPECIAL + CHARACTERS + CONTINUATIONS + ENDINGS + WORDS))


def tokenizer():
    ids = {token: number for number, token in enumerate(VOCABULARY)}
    made = Tokenizer(WordPiece(ids, unk_token="[UNK]", max_input_chars_per_word=100))
    made.normalizer = BertNormalizer(lowercase=True)
    made.pre_tokenizer = BertPreTokenizer()
    made.add_special_tokens(SPECIAL)
    made.post_processor = TemplateProcessing(
        single="[CLS] $A [SEP]",
        pair="[CLS] $A [SEP] $B:1 [SEP]:1",
        special_tokens=[("[CLS]", ids["[CLS]"]), ("[SEP]", ids["[SEP]"])],
    )
    return made


def main(output_folder):
    written = json.dumps(json.loads(tokenizer().to_str()), ensure_ascii=False, indent=1)
    Path(output_folder, FILE).write_text(written + "\n", encoding="utf-8", newline="\n")
    print(f"{FILE}: {len(VOCABULARY)} tokens, {Path(output_folder, FILE).stat().st_size} bytes")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: tiny_tokenizer.py OUTPUT_FOLDER")
    main(sys.argv[1])
