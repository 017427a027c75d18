package io.embeddingoperator.runner.progress;

/** Shows a person on a laptop how far a run is. */
public interface ProgressDisplay extends AutoCloseable {
    /** Shows the progress as it is now. */
    void refresh();

    /** Shows how far an index build is; total 0 while that is unknown. */
    void indexing(String phase, long done, long total);

    @Override
    void close();
}
