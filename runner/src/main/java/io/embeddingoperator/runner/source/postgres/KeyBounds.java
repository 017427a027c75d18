package io.embeddingoperator.runner.source.postgres;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.embeddingoperator.runner.source.KeyRange;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A shard's range as it is kept: {@code {"after":"17","through":"42"}}, or with the values of several columns
 * {@code {"after":["acme","17"],"through":["acme","42"]}}.
 *
 * @param after exclusive; null for no lower bound
 * @param through inclusive; null for no upper bound
 */
record KeyBounds(@Nullable RowKey after, @Nullable RowKey through) {
    private static final JsonMapper JSON = new JsonMapper();

    static KeyBounds parse(String definition) {
        try {
            return JSON.readValue(definition, KeyBounds.class);
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

    KeyRange range(KeyColumns columns) {
        return new KeyRange(
                Optional.ofNullable(after).map(columns::key),
                Optional.ofNullable(through).map(columns::key));
    }
}
