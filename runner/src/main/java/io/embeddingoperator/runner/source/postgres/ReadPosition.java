package io.embeddingoperator.runner.source.postgres;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.embeddingoperator.runner.source.Position;
import org.jspecify.annotations.Nullable;

/**
 * How far a range was read: first its keys, then, in the first range, the rows without a key.
 *
 * @param key the last key read; null before the first and after the last
 * @param withoutKey null while keys are read; then the last place of a row without a key, empty before the first
 */
record ReadPosition(@Nullable RowKey key, @Nullable String withoutKey) {
    static final ReadPosition START = new ReadPosition(null, null);
    static final ReadPosition KEYS_DONE = new ReadPosition(null, "");

    private static final JsonMapper JSON = new JsonMapper();

    static ReadPosition parse(Position position) {
        try {
            return JSON.readValue(position.value(), ReadPosition.class);
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException("no position in a table: " + position, e);
        }
    }

    static ReadPosition afterKey(RowKey key) {
        return new ReadPosition(key, null);
    }

    static ReadPosition afterRowWithoutKey(String place) {
        return new ReadPosition(null, place);
    }

    boolean keysAreDone() {
        return withoutKey != null;
    }

    Position position() {
        try {
            return new Position(JSON.writeValueAsString(this));
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }
}
