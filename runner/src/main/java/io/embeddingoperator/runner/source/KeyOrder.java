package io.embeddingoperator.runner.source;

/** How keys relate to the order in which a source is read. */
public enum KeyOrder {
    /** Read by ascending key: a key stands in one window only, and a window covers a range of keys. */
    BY_KEY,
    /** Read in the order of files: the same key may come twice, anywhere, which the sink must notice. */
    BY_POSITION
}
