package io.embeddingoperator.runner.sink.run;

import io.embeddingoperator.runner.source.ShardRange;
import java.time.Instant;
import java.util.List;
import java.util.Objects;

/**
 * A pass over a source, planned once and stored in the sink database.
 *
 * @param id of its row in embedding_operator.runs
 * @param startedAt when it was planned, by the server's clock: a standby that never heard of this run may give its id to another
 *     one, and this tells the two apart
 * @param job namespace/name, and the uid where there is one
 * @param run the number of the run
 * @param shards one range a shard, by ascending shard number from 0
 * @param resumed whether some process worked on it before
 */
public record Run(long id, Instant startedAt, String job, int run, List<ShardRange> shards, boolean resumed) {
    public Run {
        Objects.requireNonNull(startedAt, "startedAt");
        Objects.requireNonNull(job, "job");
        shards = List.copyOf(shards);
    }

    /** The job's namespace/name, by which it owns tables. */
    public String jobName() {
        return jobName(job);
    }

    static String jobName(String job) {
        int uid = job.indexOf('@');
        return uid < 0 ? job : job.substring(0, uid);
    }
}
