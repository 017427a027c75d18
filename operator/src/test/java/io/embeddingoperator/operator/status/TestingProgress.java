package io.embeddingoperator.operator.status;

import io.embeddingoperator.api.contract.Counts;
import io.embeddingoperator.api.contract.Progress;
import io.embeddingoperator.api.contract.Progress.Committed;
import io.embeddingoperator.api.contract.Progress.Documents;
import io.embeddingoperator.api.contract.Progress.FailedDocument;
import io.embeddingoperator.api.contract.Progress.Pace;
import io.embeddingoperator.api.contract.Progress.Phase;
import io.embeddingoperator.api.contract.Progress.Planned;
import io.embeddingoperator.api.contract.Progress.Process;
import io.embeddingoperator.api.contract.Progress.Recall;
import io.embeddingoperator.api.contract.Progress.SinkState;
import io.embeddingoperator.api.contract.Progress.Waiting;
import io.embeddingoperator.api.contract.Progress.Whole;
import io.embeddingoperator.api.contract.Progress.Work;
import java.util.List;

/** What a runner of a table of a thousand documents a shard says of itself; two chunks and a hundred tokens a document. */
record TestingProgress(
        int run,
        Integer shard,
        Phase phase,
        long embedded,
        long skipped,
        long failed,
        long total,
        double tokensPerSecond,
        Long secondsLeft,
        String message,
        Planned planned,
        List<FailedDocument> failedDocuments,
        Whole whole,
        Waiting waiting,
        SinkState sink,
        Recall recall) {
    static TestingProgress embedding(Integer shard, long embedded) {
        return new TestingProgress(
                1, shard, Phase.Embedding, embedded, 0, 0, 1_000, 0, null, null, null, null, null, null, null, null);
    }

    /** The final report of the last runner of a run. */
    static TestingProgress complete(Integer shard) {
        return ended(shard).sink(new SinkState(true, 1, 1, "2026-11-20T20:59:59.5Z"));
    }

    /** The final report of a runner that says nothing of the sink. */
    static TestingProgress ended(Integer shard) {
        return embedding(shard, 1_000).phase(Phase.Complete);
    }

    /** The final report of a runner that read in the sink that the run is not complete. */
    static TestingProgress ended(Integer shard, int completeShards, int shards) {
        return ended(shard).sink(new SinkState(false, completeShards, shards, "2026-11-20T20:59:59.5Z"));
    }

    TestingProgress run(int number) {
        return new TestingProgress(
                number,
                shard,
                phase,
                embedded,
                skipped,
                failed,
                total,
                tokensPerSecond,
                secondsLeft,
                message,
                planned,
                failedDocuments,
                whole,
                waiting,
                sink,
                recall);
    }

    TestingProgress phase(Phase now) {
        return new TestingProgress(
                run,
                shard,
                now,
                embedded,
                skipped,
                failed,
                total,
                tokensPerSecond,
                secondsLeft,
                message,
                planned,
                failedDocuments,
                whole,
                waiting,
                sink,
                recall);
    }

    TestingProgress documents(long nowEmbedded, long nowSkipped, long nowFailed) {
        return new TestingProgress(
                run,
                shard,
                phase,
                nowEmbedded,
                nowSkipped,
                nowFailed,
                total,
                tokensPerSecond,
                secondsLeft,
                message,
                planned,
                failedDocuments,
                whole,
                waiting,
                sink,
                recall);
    }

    TestingProgress rate(double tokens, Long seconds) {
        return new TestingProgress(
                run,
                shard,
                phase,
                embedded,
                skipped,
                failed,
                total,
                tokens,
                seconds,
                message,
                planned,
                failedDocuments,
                whole,
                waiting,
                sink,
                recall);
    }

    TestingProgress message(String sentence) {
        return new TestingProgress(
                run,
                shard,
                phase,
                embedded,
                skipped,
                failed,
                total,
                tokensPerSecond,
                secondsLeft,
                sentence,
                planned,
                failedDocuments,
                whole,
                waiting,
                sink,
                recall);
    }

    TestingProgress planned(int shards, Long documents, long work) {
        return new TestingProgress(
                run,
                shard,
                phase,
                embedded,
                skipped,
                failed,
                total,
                tokensPerSecond,
                secondsLeft,
                message,
                new Planned(shards, documents, work),
                failedDocuments,
                whole,
                waiting,
                sink,
                recall);
    }

    TestingProgress failedDocuments(FailedDocument... documents) {
        return new TestingProgress(
                run,
                shard,
                phase,
                embedded,
                skipped,
                failed,
                total,
                tokensPerSecond,
                secondsLeft,
                message,
                planned,
                List.of(documents),
                whole,
                waiting,
                sink,
                recall);
    }

    /** The whole run as its runner knows it: all of it embedded, in the same proportions. */
    TestingProgress whole(long nowEmbedded, int completeShards) {
        return whole(new Whole(
                new Counts(nowEmbedded, nowEmbedded, 0, 0, 2 * nowEmbedded, 100 * nowEmbedded, 0, 0, 0),
                completeShards,
                null,
                null,
                null));
    }

    TestingProgress whole(Whole run) {
        return new TestingProgress(
                this.run,
                shard,
                phase,
                embedded,
                skipped,
                failed,
                total,
                tokensPerSecond,
                secondsLeft,
                message,
                planned,
                failedDocuments,
                run,
                waiting,
                sink,
                recall);
    }

    TestingProgress sink(SinkState read) {
        return new TestingProgress(
                run,
                shard,
                phase,
                embedded,
                skipped,
                failed,
                total,
                tokensPerSecond,
                secondsLeft,
                message,
                planned,
                failedDocuments,
                whole,
                waiting,
                read,
                recall);
    }

    TestingProgress recall(Recall measured) {
        return new TestingProgress(
                run,
                shard,
                phase,
                embedded,
                skipped,
                failed,
                total,
                tokensPerSecond,
                secondsLeft,
                message,
                planned,
                failedDocuments,
                whole,
                waiting,
                sink,
                measured);
    }

    TestingProgress waiting(Waiting.Reason reason, String sentence) {
        return new TestingProgress(
                run,
                shard,
                phase,
                embedded,
                skipped,
                failed,
                total,
                tokensPerSecond,
                secondsLeft,
                message,
                planned,
                failedDocuments,
                whole,
                new Waiting(reason, sentence, null),
                sink,
                recall);
    }

    Progress said() {
        long done = embedded + skipped + failed;
        return new Progress(
                new Process("corpus/articles", run, shard),
                phase,
                new Committed(
                        new Documents(total, embedded, skipped, failed),
                        new Work("documents", done, total, 0),
                        2 * embedded,
                        100 * embedded,
                        0),
                new Pace(tokensPerSecond, 0, secondsLeft),
                message,
                planned,
                failedDocuments,
                whole,
                waiting,
                sink,
                recall);
    }
}
