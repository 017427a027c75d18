package io.embeddingoperator.runner.document;

import java.util.Objects;
import java.util.UUID;

/** Identifies a document, in its source and in the sink. {@code toString} is the form that {@link KeyType#parse} reads. */
public sealed interface Key {
    /** A bigint or int key. */
    record Number(long value) implements Key {
        @Override
        public String toString() {
            return Long.toString(value);
        }
    }

    /** A text key, also a file's path, and the values of several columns. */
    record Text(String value) implements Key {
        public Text {
            Objects.requireNonNull(value, "value");
        }

        @Override
        public String toString() {
            return value;
        }
    }

    /** A uuid key. */
    record Uuid(UUID value) implements Key {
        public Uuid {
            Objects.requireNonNull(value, "value");
        }

        @Override
        public String toString() {
            return value.toString();
        }
    }
}
