package io.embeddingoperator.runner.sink.run;

import java.time.Instant;
import java.util.Objects;

/**
 * How many of the nearest rows a search through the index finds: recall@10, measured beside a comparison with every row.
 *
 * @param usual with the server's own hnsw.ef_search, which clients have that set none
 * @param best with the least hnsw.ef_search that reaches the target; where none does, with the largest one that was tried
 * @param target the share that the manifest asks for
 * @param queries rows whose neighbours were looked for
 * @param measuredAt by the server's clock
 */
public record IndexRecall(Found usual, Found best, double target, int queries, Instant measuredAt) {
    public IndexRecall {
        Objects.requireNonNull(usual, "usual");
        Objects.requireNonNull(best, "best");
        Objects.requireNonNull(measuredAt, "measuredAt");
        if (queries < 1) {
            throw new IllegalArgumentException("queries is %d: a recall is measured with 1 or more".formatted(queries));
        }
    }

    /**
     * What a search with that setting finds.
     *
     * @param efSearch hnsw.ef_search, the candidates that a search keeps
     * @param share of the ten nearest rows, from 0 to 1
     */
    public record Found(int efSearch, double share) {
        public Found {
            if (!(share >= 0 && share <= 1)) {
                throw new IllegalArgumentException("share is %s: it lies between 0 and 1".formatted(share));
            }
        }

        /** Whether that is enough. */
        public boolean reaches(double target) {
            return share >= target;
        }
    }

    public boolean reachesTarget() {
        return best.reaches(target);
    }
}
