"""The texts of the architectures' reference vectors. None begins or ends with white space, which sentence-transformers
before 6 removes and the embedder keeps."""

TEXTS = {
    "one letter": "a",
    "one word": "index",
    "sentence": "The server writes every change to a log before it touches a page.",
    "upper case and numbers": "CREATE INDEX ON Orders (id); -- 1,234.56 rows in 2024",
    "german": "Die Größe der Tabelle überrascht öfter, als man möchte.",
    "accents composed": "Caf\u00e9 cr\u00e8me br\u00fbl\u00e9e",
    "accents decomposed": "Cafe\u0301 cre\u0300me bru\u0302le\u0301e",
    "chinese": "数据库支持全文检索和向量搜索。",
    "arabic": "قاعدة البيانات تدعم البحث عن النصوص",
    "emoji": "I ❤ vectors 🚀🚀 and 👩‍👧 too",
    "lines and tabs": "first line\nsecond\tcolumn\n\nthird   line",
    "special tokens spelled out": "a [SEP] b </s> c <|endoftext|> d",
    "longer than the model": "The database reads a page, changes a row and writes the page again. " * 12 + "End.",
}

QUERIES = {
    "question": "What happens when the power fails?",
    "two words": "vector search",
}
