package io.embeddingoperator.runner.sink.pending;

import io.embeddingoperator.runner.sink.EmbeddedDocument;
import io.embeddingoperator.runner.sink.state.PendingRows;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * Results of a batch, and the documents that waited for them when they were looked up. Whether they still do is found out by the
 * transaction that stores them.
 *
 * @param results as the provider gave them
 * @param waiting each document that has its vectors now, in the order of the ordinals
 * @param incomplete ordinals of results that have not one vector a chunk; their documents go on waiting
 */
public record MatchedResults(
        String batch, List<DocumentVectors> results, List<Waiting> waiting, List<Integer> incomplete) {
    public MatchedResults {
        Objects.requireNonNull(batch, "batch");
        results = List.copyOf(results);
        waiting = List.copyOf(waiting);
        incomplete = List.copyOf(incomplete);
    }

    /** @param rows that stand in the batch where the results say, or some of them */
    static MatchedResults of(String batch, List<DocumentVectors> results, List<PendingRows.Row> rows) {
        Map<Integer, float[][]> vectors = HashMap.newHashMap(results.size());
        results.forEach(result -> vectors.putIfAbsent(result.ordinal(), result.vectors()));
        List<Waiting> waiting = new ArrayList<>(rows.size());
        List<Integer> incomplete = new ArrayList<>();
        for (PendingRows.Row row : rows) {
            float[][] ofRow = vectors.get(row.ordinal());
            if (ofRow.length == row.document().chunks().size()) {
                waiting.add(new Waiting(
                        row.ordinal(),
                        row.version(),
                        row.unread(),
                        row.document().embedded(ofRow)));
            } else {
                incomplete.add(row.ordinal());
            }
        }
        return new MatchedResults(batch, results, waiting, incomplete);
    }

    /**
     * @param version of the row that it was read from
     * @param unread whether it is counted when it is read
     */
    public record Waiting(int ordinal, PendingRows.Version version, boolean unread, EmbeddedDocument document) {
        public Waiting {
            Objects.requireNonNull(version, "version");
            Objects.requireNonNull(document, "document");
        }
    }
}
