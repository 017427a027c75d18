package io.embeddingoperator.runner.document;

/** The limits of a document and of how it is read, in one place. */
public final class Limits {
    /** The longest text of one document, in bytes of UTF-8; a longer one fails with its key and is never loaded whole. */
    public static final int MAX_DOCUMENT_BYTES = 16 * 1024 * 1024;

    /** The longest key, in bytes of UTF-8: its entry in a B-tree must fit a third of a page. */
    public static final int MAX_KEY_BYTES = 2048;

    /** Bytes of text after which a window is closed; its last document may go beyond. */
    public static final int MAX_WINDOW_BYTES = 4 * 1024 * 1024;

    /**
     * The most content that a reader of a compressed file holds outside of the heap, to look back at. The format of zstd asks every
     * reader for so much, which the levels up to 19 keep to; {@code --long} and {@code --ultra} may ask for gigabytes.
     */
    public static final int MAX_DECOMPRESSION_BYTES = 8 * 1024 * 1024;

    private Limits() {}
}
