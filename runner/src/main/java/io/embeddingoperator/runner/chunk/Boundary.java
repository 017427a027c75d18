package io.embeddingoperator.runner.chunk;

/** Where a text may be cut, weakest first: a chunk ends at the strongest boundary that leaves it at least half full. */
enum Boundary {
    /** Inside of a code point, of which a token may be a part: no text ends there. */
    NONE,
    /** Inside of what a reader takes for one character: cut only where such a character alone is larger than a chunk. */
    CODE_POINT,
    TOKEN,
    WORD,
    SENTENCE,
    LINE,
    PARAGRAPH
}
