package io.embeddingoperator.runner.source.postgres;

/**
 * How large a table is.
 *
 * @param blocks now, without large values that are stored elsewhere
 * @param rows estimated
 */
record TableSize(long blocks, long rows) {
    /** A table that was never analysed is taken for one of short rows. */
    static final double ROWS_OF_AN_UNKNOWN_BLOCK = 100;
}
