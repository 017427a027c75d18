package io.embeddingoperator.runner.postgres;

/** Names of columns and tables inside SQL text. */
public final class Identifier {
    /** The longest name that PostgreSQL keeps whole, in UTF-8. */
    public static final int MAX_BYTES = 63;

    private Identifier() {}

    /** The name in double quotes, with its own doubled. */
    public static String quote(String name) {
        return '"' + name.replace("\"", "\"\"") + '"';
    }
}
