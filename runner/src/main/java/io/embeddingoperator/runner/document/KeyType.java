package io.embeddingoperator.runner.document;

/** The types that a key may have, in the source and in the sink. */
public enum KeyType {
    INTEGER("integer") {
        @Override
        public Key parse(String text) {
            return new Key.Number(Integer.parseInt(text));
        }
    },
    BIGINT("bigint") {
        @Override
        public Key parse(String text) {
            return new Key.Number(Long.parseLong(text));
        }
    },
    TEXT("text") {
        @Override
        public Key parse(String text) {
            return new Key.Text(text);
        }
    },
    UUID("uuid") {
        @Override
        public Key parse(String text) {
            return new Key.Uuid(java.util.UUID.fromString(text));
        }
    };

    private final String sqlName;

    KeyType(String sqlName) {
        this.sqlName = sqlName;
    }

    /** The type's name in SQL. */
    public String sqlName() {
        return sqlName;
    }

    /** The inverse of a {@link Key}'s {@code toString}; throws IllegalArgumentException when the text has another form. */
    public abstract Key parse(String text);
}
