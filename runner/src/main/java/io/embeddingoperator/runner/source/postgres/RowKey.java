package io.embeddingoperator.runner.source.postgres;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import java.util.List;

/**
 * The values of a row's key columns, as the server writes and reads them. In JSON one value stands alone, and several are an array.
 */
record RowKey(List<String> values) {
    RowKey {
        values = List.copyOf(values);
        if (values.isEmpty()) {
            throw new IllegalArgumentException("a key has at least one value");
        }
    }

    static RowKey of(String... values) {
        return new RowKey(List.of(values));
    }

    @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
    static RowKey parse(Object json) {
        return switch (json) {
            case String value -> of(value);
            case List<?> values ->
                new RowKey(values.stream().map(String.class::cast).toList());
            default -> throw new IllegalArgumentException("no key: " + json);
        };
    }

    @JsonValue
    Object json() {
        return values.size() == 1 ? values.getFirst() : values;
    }
}
