package io.embeddingoperator.runner.postgres;

/** Names of columns and tables inside SQL text. */
public final class Identifier {
    private Identifier() {}

    /** The name in double quotes, with its own doubled. */
    public static String quote(String name) {
        return '"' + name.replace("\"", "\"\"") + '"';
    }
}
