package io.embeddingoperator.runner.pipeline;

import io.embeddingoperator.api.contract.Counts;
import io.embeddingoperator.runner.document.FailedDocument;
import io.embeddingoperator.runner.document.Key;
import io.embeddingoperator.runner.source.SourceWindow;
import java.util.List;

/** What the pipeline asks of the place where vectors go, for one shard that this process owns. */
public interface WindowSink {
    /** What stands in the sink for the given keys. */
    StoredDocuments stored(List<Key> keys);

    /**
     * Notes where each document of the window was read, for sources that are not read by key, and names those whose key
     * was read elsewhere in this run already. Safe to repeat for the same window.
     */
    List<FailedDocument> duplicates(SourceWindow window);

    /**
     * Commits the window in one transaction: replaces the chunks of its documents, records what failed, moves the
     * checkpoint and the counters. Tries again within a limit when the server is away. A document that the server
     * refuses for its own content is recorded as failed, and the rest is committed.
     *
     * @return the shard's counters after the commit
     * @throws io.embeddingoperator.runner.failure.ShardTakenOverException when another process owns the shard
     * @throws io.embeddingoperator.runner.failure.CheckpointLostException when the server lost windows before this one
     */
    Counts commit(Window<EmbeddedDocument> window);

    /**
     * Keeps documents whose window will not be whole, when a run ends early: their rows take effect and the checkpoint stays
     * before them. They count as embedded at once; the process that reads them again finds them unchanged and does not count them once
     * more.
     *
     * @return the shard's counters afterwards
     * @throws io.embeddingoperator.runner.failure.ShardTakenOverException when another process owns the shard
     * @throws io.embeddingoperator.runner.failure.CheckpointLostException when the server lost windows before this one
     */
    Counts keep(List<EmbeddedDocument> documents);

    /**
     * Ends the shard after its last window, which makes all of its windows durable; safe to repeat.
     *
     * @throws io.embeddingoperator.runner.failure.ShardTakenOverException when another process owns the shard
     * @throws io.embeddingoperator.runner.failure.CheckpointLostException when the server lost windows of the shard
     */
    void complete();
}
