package io.embeddingoperator.runner.chunk;

/** Where a text may be cut, weakest first: a chunk ends at the strongest boundary that leaves it at least half full. */
enum Boundary {
    TOKEN,
    WORD,
    SENTENCE,
    LINE,
    PARAGRAPH
}
