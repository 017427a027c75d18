package io.embeddingoperator.runner.source.postgres;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.embeddingoperator.runner.document.KeyType;
import io.embeddingoperator.runner.source.KeyRange;
import java.util.Optional;

/**
 * A shard's range as it is kept: {@code {"after":"17","through":"42"}}.
 *
 * @param after exclusive; null for no lower bound
 * @param through inclusive; null for no upper bound
 */
record KeyBounds(String after, String through) {
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

    KeyRange range(KeyType type) {
        return new KeyRange(
                Optional.ofNullable(after).map(type::parse),
                Optional.ofNullable(through).map(type::parse));
    }
}
