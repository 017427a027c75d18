package io.embeddingoperator.runner.sink.pending;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;

/**
 * Results of a batch, and the documents that waited for them when they were looked up. Whether they still do is found out by the
 * transaction that stores them.
 *
 * @param results as the provider gave them
 * @param complete rows of documents that have their vectors now, in the order of the ordinals
 * @param incomplete ordinals of results that have not one vector a chunk; their documents go on waiting
 */
public record MatchedResults(
        String batch, List<DocumentVectors> results, List<PendingRows.Row> complete, List<Integer> incomplete) {
    public MatchedResults {
        Objects.requireNonNull(batch, "batch");
        results = List.copyOf(results);
        complete = List.copyOf(complete);
        incomplete = List.copyOf(incomplete);
    }

    /** @param rows that stand in the batch where the results say, or some of them */
    public static MatchedResults of(String batch, List<DocumentVectors> results, List<PendingRows.Row> rows) {
        Map<Integer, float[][]> vectors = vectors(results);
        Map<Boolean, List<PendingRows.Row>> complete = rows.stream()
                .collect(Collectors.partitioningBy(row -> vectors.get(row.ordinal()).length
                        == row.document().chunks().size()));
        return new MatchedResults(
                batch,
                results,
                complete.get(true),
                complete.get(false).stream().map(PendingRows.Row::ordinal).toList());
    }

    /** By ordinal; of a result that came twice the first. */
    public Map<Integer, float[][]> vectors() {
        return vectors(results);
    }

    private static Map<Integer, float[][]> vectors(List<DocumentVectors> results) {
        Map<Integer, float[][]> vectors = HashMap.newHashMap(results.size());
        results.forEach(result -> vectors.putIfAbsent(result.ordinal(), result.vectors()));
        return vectors;
    }
}
