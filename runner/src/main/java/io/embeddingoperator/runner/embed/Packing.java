package io.embeddingoperator.runner.embed;

/** What a batch costs. */
public enum Packing {
    /** Texts are padded to the longest: texts of one length belong together. */
    PADDED,
    /** Each text costs its own tokens: texts stay in their order, so that a window is through as early as it can be. */
    SUMMED
}
