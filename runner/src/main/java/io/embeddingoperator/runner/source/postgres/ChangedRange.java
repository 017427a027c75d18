package io.embeddingoperator.runner.source.postgres;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.util.Optional;

/**
 * A shard's range of keys of which only changed rows are read, as it is kept:
 * {@code {"changedSince":"2026-11-30T17:00:00Z","many":false,"keys":{"after":null,"through":null}}}.
 *
 * @param changedSince bound of the column of changes
 * @param many whether reading in the order of the key, and leaving most rows out, is cheaper than finding the changed ones
 *     and sorting them for every page
 */
record ChangedRange(String changedSince, boolean many, KeyBounds keys) {
    private static final JsonMapper JSON = new JsonMapper();

    /** Rows of a page, about. */
    private static final long PAGE = 1_000;

    /** Every page of few changed rows sorts all of them; with many, all pages together go once through the key's index. */
    static boolean areMany(long changed, long rows) {
        return (double) changed * changed > (double) rows * PAGE;
    }

    /** Empty for a range of which all rows are read. */
    static Optional<ChangedRange> parse(String definition) {
        try {
            JsonNode json = JSON.readTree(definition);
            return json.has("changedSince")
                    ? Optional.of(JSON.treeToValue(json, ChangedRange.class))
                    : Optional.empty();
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException("no range of keys: " + definition, e);
        }
    }

    String definition() {
        try {
            return JSON.writeValueAsString(this);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }
}
