package io.embeddingoperator.operator.testing;

import io.embeddingoperator.api.contract.Counts;
import io.embeddingoperator.api.contract.Progress;
import java.time.Instant;
import java.util.List;

/** The progress of a shard of {@code search/wiki} in the middle of its work. */
public final class TestingProgressBuilder {
    private String job = "search/wiki";
    private int run = 1;
    private Integer shard = 0;
    private long embedded = 100;
    private Progress.Phase phase = Progress.Phase.Embedding;
    private Progress.Whole whole;
    private Progress.SinkState sink;

    public TestingProgressBuilder job(String namespaceAndName) {
        job = namespaceAndName;
        return this;
    }

    public TestingProgressBuilder run(int nonce) {
        run = nonce;
        return this;
    }

    public TestingProgressBuilder shard(Integer index) {
        shard = index;
        return this;
    }

    /** Of a thousand documents in the shard. */
    public TestingProgressBuilder embedded(long documents) {
        embedded = documents;
        return this;
    }

    public TestingProgressBuilder phase(Progress.Phase now) {
        phase = now;
        return this;
    }

    /** What all shards have cost. */
    public TestingProgressBuilder costUsd(String usd) {
        whole = new Progress.Whole(new Counts(0, 0, 0, 0, 0, 0, 0, 0, 0), 0, usd, null, null);
        return this;
    }

    /** Those of all shards. */
    public TestingProgressBuilder batches(Progress.Batches all) {
        whole = new Progress.Whole(new Counts(0, 0, 0, 0, 0, 0, 0, 0, 0), 0, null, null, all);
        return this;
    }

    /** What the runner reads in the sink when it has ended: complete once all of its shards are. */
    public TestingProgressBuilder sink(int completeShards, int shards) {
        sink = new Progress.SinkState(
                completeShards == shards, completeShards, shards, Instant.now().toString());
        return this;
    }

    public Progress build() {
        return new Progress(
                new Progress.Process(job, run, shard),
                phase,
                new Progress.Committed(
                        new Progress.Documents(1000L, embedded, 0, 0),
                        new Progress.Work("documents", embedded, 1000, embedded / 10.0),
                        embedded * 2,
                        embedded * 200,
                        0),
                new Progress.Pace(20_000, 100, (1000 - embedded) / 100),
                null,
                new Progress.Planned(2, 2000L, 2000),
                List.of(),
                whole,
                null,
                sink,
                null);
    }
}
