package io.embeddingoperator.runner.source.postgres;

/** What a name in the catalog can stand for, as far as rows can be selected from it. */
enum TableKind {
    TABLE('r', true),
    PARTITIONED('p', true),
    MATERIALIZED_VIEW('m', true),
    VIEW('v', false),
    FOREIGN('f', false);

    private final char code;
    private final boolean stored;

    TableKind(char code, boolean stored) {
        this.code = code;
        this.stored = stored;
    }

    /** Whether it has blocks of its own here: it can be sampled, and a row has a place. */
    boolean isStored() {
        return stored;
    }

    static TableKind of(char code) {
        for (TableKind kind : values()) {
            if (kind.code == code) {
                return kind;
            }
        }
        throw new IllegalArgumentException("relkind " + code);
    }
}
