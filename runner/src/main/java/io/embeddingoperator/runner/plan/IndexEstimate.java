package io.embeddingoperator.runner.plan;

import io.embeddingoperator.api.v1alpha1.PgvectorSink;

/**
 * What an HNSW index over a run's vectors would take.
 *
 * @param bytes on the server's disk, and in its memory while it is built fast
 * @param seconds that one process builds it for, on a core like that of the measurement
 */
public record IndexEstimate(long bytes, long seconds) {
    private static final int PAGE_BYTES = 8_192;

    /** Without the header of a page and the space that it keeps at its end. */
    private static final int USABLE_BYTES = 8_152;

    /** Of an element beside its vector: headers, and room for ten rows of one vector. */
    private static final int ELEMENT_BYTES = 92;

    private static final int LINK_BYTES = 6;

    /** 100,000 vectors of 384 numbers at m 16 and efConstruction 64 took 30 s. */
    private static final double MEASURED_SECONDS = 30;

    private static final double MEASURED_ROWS = 100_000;
    private static final double MEASURED_DIMENSIONS = 384;
    private static final double MEASURED_CANDIDATES = 64;

    static IndexEstimate of(long rows, int dimensions, PgvectorSink sink) {
        int m = sink.index().m();
        // An element is linked to twice m others on the lowest level, and to about one on those above.
        int element = dimensions * sink.vectorType().bytesPerDimension() + ELEMENT_BYTES + (2 * m + 1) * LINK_BYTES;
        int perPage = Math.max(1, USABLE_BYTES / element);
        long pages = (rows + perPage - 1) / perPage;
        double depth = Math.log(Math.max(2, rows)) / Math.log(MEASURED_ROWS);
        double seconds = MEASURED_SECONDS
                * (rows / MEASURED_ROWS)
                * (dimensions / MEASURED_DIMENSIONS)
                * (sink.index().efConstruction() / MEASURED_CANDIDATES)
                * depth;
        return new IndexEstimate(pages * PAGE_BYTES, Math.round(seconds));
    }
}
